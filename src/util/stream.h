/*
 * stream: pulls bytes, chunk by chunk, through a chain: file, decompressor, digest, tar reader.  A
 * stream is the first member of the struct that implements it.
 */
#pragma once

#include <sys/types.h>

#include "util/err.h"

struct stream {
	/*
	 * Returns the length of the next chunk (> 0) and sets *buf, which is valid until the next
	 * call; 0 at the end; or -1 with e.  Do not call it again after 0 or -1.
	 */
	ssize_t (*next)(struct stream *s, const void **buf, struct err *e);
	/*
	 * NULL, or STREAM_CHUNK bytes where the caller would like the next chunk.  This saves a
	 * copy if the stream produces its bytes itself.  *buf may point into it, or elsewhere.
	 */
	void *place;
};

static inline ssize_t stream_next(struct stream *s, const void **buf, struct err *e)
{
	return s->next(s, buf, e);
}

#define STREAM_CHUNK (256u << 10) /* bytes of a chunk, if the stream can choose */
