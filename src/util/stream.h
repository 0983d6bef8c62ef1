/*
 * stream: bytes that are pulled, chunk by chunk, through a chain: file, decompressor, digest, tar
 * reader. A stream is embedded as the first member of the struct that implements it.
 */
#ifndef UTIL_STREAM_H
#define UTIL_STREAM_H

#include <sys/types.h>

#include "util/err.h"

struct stream {
	/*
	 * The next chunk: returns its length (> 0) and sets *buf, which stays valid until the next
	 * call; 0 at the end; -1 with e.  After 0 or -1 it is not called again.
	 */
	ssize_t (*next)(struct stream *s, const void **buf, struct err *e);
	/*
	 * Where the caller would like the next chunk to be, STREAM_CHUNK bytes, or NULL: it spares
	 * a copy where the stream makes its bytes anew.  *buf says where it is: there, somewhere in
	 * there, or elsewhere.
	 */
	void *place;
};

static inline ssize_t stream_next(struct stream *s, const void **buf, struct err *e)
{
	return s->next(s, buf, e);
}

#define STREAM_CHUNK \
	(256u << 10) /* bytes of a chunk where the maker of the stream has a choice \
		      */

#endif
