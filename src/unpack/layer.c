/*
 * layer: a blob becomes entries: decompressed, summed, read as tar, applied, merged.
 * Writes below the unpack's work directory.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "unpack/decompress.h"
#include "unpack/readahead.h"
#include "unpack/stage.h"
#include "unpack/writer.h"
#include "util/fd.h"

#define NAMES_MAX \
	(1ull << 30) /* bytes of names and link targets in all layers; a large image has 50 MiB */
#define OVERHEAD_MAX \
	(1ull << 30) /* bytes of layers that are no contents of files: headers, padding ... */
#define OVERHEAD_ENTRY (16ull << 10) /* ... and as many more for each entry */
#define ENTRY_ROOM 4096

/* Feeds the tar reader.  An error of the stream is kept here, since the reader would only give its
 * text. */
struct feed {
	struct stream *from;
	struct err *err;
	bool failed;
};

static la_ssize_t feed_read(struct archive *a, void *arg, const void **buf)
{
	struct feed *f = arg;
	ssize_t n = stream_next(f->from, buf, f->err);

	if (n < 0) {
		f->failed = true;
		archive_set_error(a, EIO, "%s", f->err->msg);
	}
	return n;
}

static void archive_freep(struct archive **a)
{
	if (*a)
		archive_read_free(*a);
}

static int tar_open(struct feed *f, struct archive **ret)
{
	struct archive *a = archive_read_new();

	*ret = a;
	if (!a)
		return ARCHIVE_FATAL;
	archive_read_support_format_tar(a);
	archive_read_support_format_empty(a);
	/* Names are taken as the bytes they are. */
	(void)archive_read_set_options(a, "tar:hdrcharset=BINARY");
	return archive_read_open(a, f, NULL, feed_read, NULL);
}

static int tar_error(const struct feed *f, struct archive *a, struct err *e)
{
	const char *why = a ? archive_error_string(a) : "out of memory";

	return f->failed ? -1 : err_set(e, 0, "damaged tar: %s", why ? why : "ends too early");
}

/* Each entry takes an inode, and a directory a block; names are held in memory until the layer is
 * merged. */
static int count_entry(struct unpack *u, const struct entry *n, struct err *e)
{
	const uint64_t len = strlen(n->path) + strlen(n->link);

	if (atomic_fetch_add(&u->totals->names, len) + len > NAMES_MAX)
		return err_set(
			e, 0, "entry %.300s: over %llu MiB of names", n->path, NAMES_MAX >> 20);
	return unpack_count_room(u, ENTRY_ROOM, e);
}

/*
 * Files whose owner others are not, in a tree that they are to use: they must be able to read them,
 * and a setuid program would be one of the store's owner's to whoever finds it on the disk. Inside,
 * those bits have no effect anyway (no_new_privs).
 */
static mode_t shared_mode(const struct entry *n)
{
	const mode_t x = n->kind == ENTRY_DIR || (n->mode & 0111) ? 0111 : 0;

	return (n->mode & 01777) | 0444 | x;
}

static void tell_progress(struct unpack *u)
{
	const struct unpack_stats now = { .entries = u->totals->entries,
		.bytes = u->totals->bytes };

	(void)pthread_mutex_lock(&u->totals->telling);
	u->progress(u->progress_arg, &now);
	(void)pthread_mutex_unlock(&u->totals->telling);
}

static int read_entry(
	struct stage *s, struct archive *tar, struct archive_entry *raw, struct err *e)
{
	struct unpack *u = s->unpack;
	struct entry n;

	if (unpack_is_stopped(u))
		return err_set(e, EINTR, "unpacking");
	u->stats.entries++;
	if (atomic_fetch_add(&u->totals->entries, 1) >= u->limits.entries) {
		(void)err_set(e, 0, "over %llu entries", (unsigned long long)u->limits.entries);
		return err_hint(e, "--max-entries raises the limit");
	}
	if (entry_read(&n, raw, e) < 0 || count_entry(u, &n, e) < 0)
		return -1;
	if (u->shared)
		n.mode = shared_mode(&n);
	if (apply_entry(s, &n, tar, e) < 0)
		return -1;
	if (u->progress)
		tell_progress(u);
	return 0;
}

static int read_entries(struct stage *s, struct stream *from, struct err *e)
{
	struct feed feed = { .from = from, .err = e };
	struct archive *tar __attribute__((cleanup(archive_freep))) = NULL;
	struct archive_entry *raw;
	int r = tar_open(&feed, &tar);

	if (r != ARCHIVE_OK)
		return tar_error(&feed, tar, e);
	while ((r = archive_read_next_header(tar, &raw)) == ARCHIVE_OK || r == ARCHIVE_WARN)
		if (read_entry(s, tar, raw, e) < 0)
			return -1;
	/* The reader takes what it cannot read at the very beginning for an empty archive. */
	return r == ARCHIVE_EOF && !feed.failed ? 0 : tar_error(&feed, tar, e);
}

/* The diffID covers all of the tar, what stands behind its end mark too. */
static int drain(struct stream *from, struct err *e)
{
	const void *buf;
	ssize_t n;

	do
		n = stream_next(from, &buf, e);
	while (n > 0);
	return n < 0 ? -1 : 0;
}

/*
 * What stands behind the end of a tar, or belongs to an entry that is no file, takes no room on the
 * disk that would end it, and a few kilobytes can be packed so that they never end.
 */
static int count_plain(struct unpack *u, uint64_t n, struct err *e)
{
	const struct unpack_totals *all = u->totals;

	if (atomic_fetch_add(&u->totals->plain, n) + n <=
		all->bytes + OVERHEAD_MAX + OVERHEAD_ENTRY * all->entries)
		return 0;
	return err_set(e, 0, "over %llu MiB that no file is made of", OVERHEAD_MAX >> 20);
}

/* A stream that may be drained after its reader has seen the end of it. */
struct once {
	struct stream stream, *from;
	struct unpack *unpack;
	bool ended;
};

static ssize_t once_next(struct stream *stream, const void **buf, struct err *e)
{
	struct once *o = (struct once *)stream;
	struct unpack *u = o->unpack;
	ssize_t n;

	if (unpack_is_stopped(u))
		return err_set(e, EINTR, "unpacking");
	n = o->ended ? 0 : stream_next(o->from, buf, e);
	o->ended = n <= 0;
	return n > 0 && count_plain(u, (uint64_t)n, e) < 0 ? -1 : n;
}

int layer_merge(struct stage *s, struct err *e)
{
	/* AUFS kept the sources of hard links, and more, under such names in the root of a layer.
	 */
	static const char *const relics[] = { ".wh..wh.plnk", ".wh..wh.orph", ".wh..wh.aufs" };

	if (hardlinks_resolve(s, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(relics) / sizeof(*relics); i++)
		if (unpack_trash(s->unpack, s->fd, relics[i], e) < 0)
			return -1;
	if (whiteout_apply(s, e) < 0 || merge_stage(s, e) < 0)
		return -1;
	return hardlinks_in_tree(s, e);
}

int layer_stage(struct stage *s, struct stream *blob, const char *what, const char *diff_id,
	char ret_diff_id[DIGEST_HEX + 1], struct err *e)
{
	struct unpack *u = s->unpack;
	struct digest_check sum;
	auto_readahead packed = readahead_new(blob, NULL);
	auto_decompress plain =
		decompress_new(readahead_stream(packed), what, u->limits.xz_memory, e);
	auto_readahead tar = plain ? readahead_new(decompress_stream(plain), &sum) : NULL;
	struct once once;

	if (!tar)
		return -1;
	/*
	 * A thread reads and sums the blob, one inflates it, one sums what comes out, and this one
	 * writes it: at most 4 MiB between them.  Where there is nothing to inflate, one less.
	 */
	if (decompress_kind(plain) == COMPRESSION_NONE)
		readahead_off(packed);
	if (diff_id)
		decompress_unsummed(plain);
	digest_check_init(&sum, diff_id, what);
	once = (struct once){
		.stream = { .next = once_next }, .from = readahead_stream(tar), .unpack = u
	};
	if (read_entries(s, &once.stream, e) < 0 || writer_settle(s->writer, e) < 0 ||
		drain(&once.stream, e) < 0)
		return -1;
	memcpy(ret_diff_id, sum.hex, DIGEST_HEX + 1);
	return 0;
}
