/*
 * feed: what the tar reader of a layer is fed from.  It remembers the last bytes, so that some of
 * them can be read again.
 */
#pragma once

#include <archive.h>
#include <stdbool.h>
#include <stdint.h>

#include "unpack/work.h"
#include "util/stream.h"

#define FEED_BLOCK 512		    /* a tar's */
#define FEED_AGAIN (2 * FEED_BLOCK) /* a header, and the first block of data */
#define FEED_HEAD 4352 /* bytes; as far as a file system or a partition table says what it is */

struct feed {
	struct stream *from;
	const struct work *work; /* its limits */
	bool ended, failed;	 /* after the end the stream is not asked again */
	struct err err;		 /* of the stream: the reader would give its text alone */
	char head[FEED_HEAD];	 /* the first bytes */
	size_t head_len;
	const char *chunk; /* what was given last ... */
	size_t chunk_len;
	char before[FEED_AGAIN]; /* ... the bytes before it ... */
	uint64_t given;		 /* ... and how many all are, up to its end */
	uint64_t base;		 /* as many before the reader began */
	char again[FEED_AGAIN];	 /* to be given next, then the rest of the chunk */
	size_t again_len, rest_len;
	const char *rest;
};

/* The next bytes, as of a stream: for the reader, and for what it leaves. */
ssize_t feed_next(struct feed *f, const void **buf);
la_ssize_t feed_read(struct archive *a, void *f, const void **buf);

/*
 * After the header of a hard link the reader found no header.  libarchive 3.7.4 looks at the wrong
 * block when it decides whether a hard link has data (archive_read_format_tar_bid in header_common),
 * and reads it in pax only.  Give that header again, as one of a file, and all that follows; taken is
 * what the reader has taken, which is of no use any more.  False where it is not there any more.
 */
bool feed_again(struct feed *f, int64_t taken);
