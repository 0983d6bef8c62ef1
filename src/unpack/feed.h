/* feed: gives a layer to its tar reader.  It keeps the last bytes, to give some of them again. */
#pragma once

#include <archive.h>
#include <stdbool.h>
#include <stdint.h>

#include "unpack/work.h"
#include "util/stream.h"

#define FEED_BLOCK 512		    /* of a tar */
#define FEED_AGAIN (2 * FEED_BLOCK) /* a header and the first block of data */
#define FEED_HEAD 4352 /* bytes: file systems and partition tables identify themselves in these */

struct feed {
	struct stream *from;
	const struct work *work; /* for its limits */
	bool ended, failed;	 /* the stream is not asked again afterwards */
	struct err err;		 /* the stream's error: the reader would pass on its text only */
	char head[FEED_HEAD];	 /* the first bytes */
	size_t head_len;
	const char *chunk; /* the last chunk given ... */
	size_t chunk_len;
	char before[FEED_AGAIN]; /* ... the bytes before it ... */
	uint64_t given;		 /* ... and the bytes given so far, with that chunk */
	uint64_t base;		 /* the bytes given before the reader began */
	char again[FEED_AGAIN];	 /* given next, then the rest of the chunk */
	size_t again_len, rest_len;
	const char *rest;
};

/* The next bytes, as stream_next: for the reader, and for what it leaves unread. */
ssize_t feed_next(struct feed *f, const void **buf);
la_ssize_t feed_read(struct archive *a, void *f, const void **buf);

/*
 * The reader found a bad header after that of a hard link.  libarchive 3.7.4 looks at the wrong
 * block to decide whether data follows a hard link (archive_read_format_tar_bid in header_common),
 * and reads such data only in pax; in other dialects it takes the data for the next header.  So
 * give the link's header again, as that of a file, and all that follows, to a new reader.  taken is
 * what the old reader has consumed.  Returns false if those bytes are gone.
 */
bool feed_again(struct feed *f, int64_t taken);
