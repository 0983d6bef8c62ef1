/*
 * feed: passes a stream on to a tar reader, and checks it against the limits.
 * Touches memory only.
 */
#include "unpack/feed.h"

#include <errno.h>
#include <string.h>

/* Offsets in a header, ustar(5). */
#define FEED_TYPE 156
#define FEED_LINK 157

/* Note the chunk that the reader gets now. */
static void feed_give(struct feed *f, const char *chunk, size_t len)
{
	size_t keep = f->chunk_len < sizeof(f->before) ? f->chunk_len : sizeof(f->before);

	memmove(f->before, f->before + keep, sizeof(f->before) - keep);
	if (keep > 0)
		memcpy(f->before + sizeof(f->before) - keep, f->chunk + f->chunk_len - keep, keep);
	f->chunk = chunk;
	f->chunk_len = len;
	f->given += len;
}

/* Get a chunk from the stream.  This invalidates the chunk before, so its end is saved first. */
static ssize_t feed_pull(struct feed *f, const void **buf)
{
	ssize_t n;

	feed_give(f, NULL, 0);
	n = stream_next(f->from, buf, &f->err);
	f->ended = n <= 0;
	if (n > 0 && f->head_len < FEED_HEAD) {
		size_t room = FEED_HEAD - f->head_len, take = (size_t)n < room ? (size_t)n : room;

		memcpy(f->head + f->head_len, *buf, take);
		f->head_len += take;
	}
	if (n > 0 && work_count_plain(f->work, (uint64_t)n, &f->err) < 0)
		n = -1;
	f->failed = n < 0;
	return n;
}

ssize_t feed_next(struct feed *f, const void **buf)
{
	ssize_t n;

	if (f->again_len > 0) {
		n = (ssize_t)f->again_len;
		*buf = f->again;
		f->again_len = 0;
	} else if (f->rest_len > 0) {
		n = (ssize_t)f->rest_len;
		*buf = f->rest;
		f->rest_len = 0;
	} else if (f->failed || f->ended) {
		return f->failed ? -1 : 0;
	} else {
		n = feed_pull(f, buf);
	}
	if (n > 0)
		feed_give(f, *buf, (size_t)n);
	return n;
}

la_ssize_t feed_read(struct archive *a, void *f, const void **buf)
{
	ssize_t n = feed_next(f, buf);

	if (n < 0)
		archive_set_error(a, EIO, "%s", ((struct feed *)f)->err.msg);
	return n;
}

bool feed_again(struct feed *f, int64_t taken)
{
	const uint64_t end = f->base + (uint64_t)taken, start = f->given - f->chunk_len;
	size_t in = (size_t)(end - start), early = in < FEED_AGAIN ? FEED_AGAIN - in : 0;

	if (end < FEED_AGAIN || end > f->given || end < start)
		return false;
	if (early > 0)
		memcpy(f->again, f->before + in, early);
	if (in > 0)
		memcpy(f->again + early, f->chunk + in - (FEED_AGAIN - early), FEED_AGAIN - early);
	/*
	 * The type becomes that of a file.  A file's link name is not used: its first byte keeps
	 * the checksum right.
	 */
	f->again[FEED_TYPE]--;
	f->again[FEED_LINK]++;
	f->again_len = FEED_AGAIN;
	f->rest_len = f->chunk_len - in;
	f->rest = f->chunk + in;
	f->base = f->given = end - FEED_AGAIN;
	f->chunk_len = 0;
	return true;
}
