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
#include "util/tar_reader.h"

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
	char before[TAR_READER_BLOCK];	  /* ... the bytes before it ... */
	uint64_t given;			  /* ... and all that was given up to its end */
	char again[2 * TAR_READER_BLOCK]; /* to be given next, and what follows it in the chunk */
	size_t again_len;
	const char *rest;
	size_t rest_len;
};

/* The next bytes, as of a stream: for the reader, and for what it leaves. */
ssize_t feed_next(struct feed *f, const void **buf);
la_ssize_t feed_read(struct archive *a, void *f, const void **buf);

/* The block that ends after `end` bytes of all.  False where it is not there any more. */
bool feed_block(const struct feed *f, uint64_t end, char block[TAR_READER_BLOCK]);

/* Go back: give block, in place of the one before the last, then the last one, which ends after
 * `end` bytes, and what follows.  False where that is not there any more. */
bool feed_again(struct feed *f, const char block[TAR_READER_BLOCK], uint64_t end);
