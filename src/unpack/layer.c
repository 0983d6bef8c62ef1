/*
 * layer: the pipeline from a blob to entries: decompress, compute the digest, read tar, apply; then
 * the merge.
 * Writes below the unpack's work directory.
 */
#include "unpack/layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "unpack/apply.h"
#include "unpack/decompress.h"
#include "unpack/feed.h"
#include "unpack/file.h"
#include "unpack/hardlinks.h"
#include "unpack/merge.h"
#include "unpack/readahead.h"
#include "unpack/whiteout.h"
#include "unpack/writer.h"
#include "util/magic.h"
#include "util/tar_reader.h"

#define LAYER_ENTRY_ROOM \
	4096 /* disk space of an entry, in bytes: an inode, or a directory's block */

/*
 * In a shared tree others must be able to read the files, and a setuid program would run as the
 * store's owner for whoever finds it on the disk.  In the sandbox those bits have no effect anyway
 * (no_new_privs).
 */
static mode_t layer_shared_mode(const struct entry *n)
{
	const mode_t x = n->kind == ENTRY_DIR || (n->mode & 0111) ? 0111 : 0;

	return (n->mode & 01777) | 0444 | x;
}

static int layer_apply(struct stage *s, struct archive *tar, struct archive_entry *raw,
	struct entry *n, struct err *e)
{
	s->tables->stats.entries++;
	if (work_count_entry(s->work, e) < 0 || entry_read(n, raw, e) < 0)
		return -1;
	/* Names stay in memory until the layer is merged. */
	if (work_count_names(s->work, strlen(n->path) + strlen(n->link), e) < 0)
		return err_wrap(e, "entry %.300s", n->path);
	if (stage_count_room(s, LAYER_ENTRY_ROOM, e) < 0)
		return -1;
	if (s->work->request.shared)
		n->mode = layer_shared_mode(n);
	if (apply_entry(s, n, tar, e) < 0)
		return -1;
	work_report(s->work);
	return 0;
}

static int layer_entries(struct stage *s, struct feed *feed, struct err *e)
{
	auto_tar_reader tar = NULL;
	struct archive_entry *raw;
	struct entry n = { .kind = ENTRY_SKIP };
	int r = tar_reader_open(&tar, feed, feed_read, NULL);

	while (r == ARCHIVE_OK || r == ARCHIVE_WARN) {
		r = archive_read_next_header(tar, &raw);
		if ((r == ARCHIVE_OK || r == ARCHIVE_WARN) && layer_apply(s, tar, raw, &n, e) < 0)
			return -1;
		if (r == ARCHIVE_RETRY && n.kind == ENTRY_HARDLINK && n.size == 0 &&
			feed_again(feed, archive_filter_bytes(tar, 0))) {
			tar_reader_freep(&tar);
			r = tar_reader_open(&tar, feed, feed_read, NULL);
			r = r == ARCHIVE_OK ? archive_read_next_header(tar, &n.raw) : r;
			n.size = r == ARCHIVE_OK ? archive_entry_size(n.raw) : 0;
			if (n.size > 0 && apply_entry(s, &n, tar, e) < 0)
				return -1;
			n.kind = ENTRY_SKIP;
		}
	}
	if (s->tables->stats.entries == 0 && (r == ARCHIVE_EOF || !archive_format(tar)) &&
		magic_check(feed->head, feed->head_len, e) < 0)
		return -1;
	return r == ARCHIVE_EOF ? 0 : tar_reader_error(tar, e);
}

/* The diffID covers the whole tar, including what follows its end marker. */
static int layer_drain(struct feed *feed)
{
	const void *buf;
	ssize_t n;

	do
		n = feed_next(feed, &buf);
	while (n > 0);
	return n < 0 ? -1 : 0;
}

int layer_stage(struct stage *s, struct stream *blob, const char *what, const char *diff_id,
	char ret_diff_id[DIGEST_HEX_MAX + 1], struct err *e)
{
	struct digest_check sum;
	auto_readahead packed = readahead_new(blob, NULL);
	auto_decompress plain = decompress_new(
		readahead_stream(packed), what, s->work->request.limits.decoder_memory, e);
	auto_readahead tar = plain ? readahead_new(decompress_stream(plain), &sum) : NULL;
	struct feed feed = { .work = s->work };
	int r;

	if (!tar)
		return -1;
	/*
	 * One thread reads the blob and computes its digest, one decompresses, one computes the
	 * digest of the output, and this one writes: at most 4 MiB between them.  If nothing is
	 * compressed, the first is not needed.
	 */
	if (decompress_kind(plain) == COMPRESSION_NONE)
		readahead_off(packed);
	if (diff_id)
		decompress_unsummed(plain);
	digest_check_init(&sum, diff_id, what);
	feed.from = readahead_stream(tar);
	file_begin(s);
	r = layer_entries(s, &feed, e);
	if (r == 0)
		r = writer_settle(s->writer, e);
	if (r == 0)
		r = layer_drain(&feed);
	/* The reader may have taken an error for the end of an archive, even of an empty one. */
	if (feed.failed) {
		*e = feed.err;
		return -1;
	}
	if (r == 0)
		memcpy(ret_diff_id, sum.hex, DIGEST_HEX_MAX + 1);
	return r;
}

int layer_merge(struct stage *s, struct err *e)
{
	/*
	 * AUFS kept the sources of hard links, and more, under these names in the root of a layer.
	 */
	static const char *const relics[] = { ".wh..wh.plnk", ".wh..wh.orph", ".wh..wh.aufs" };

	if (hardlinks_resolve(s, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(relics) / sizeof(*relics); i++)
		if (stage_trash(s, s->fd, relics[i], e) < 0)
			return -1;
	if (whiteout_apply(s, e) < 0 || merge_stage(s, e) < 0)
		return -1;
	return hardlinks_in_tree(s, e);
}
