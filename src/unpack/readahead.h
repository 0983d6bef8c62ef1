/*
 * readahead: reads a stream ahead in another thread, so that decompressing and hashing go on while
 * files are written.
 */
#pragma once

#include "util/digest.h"
#include "util/stream.h"

#define READAHEAD_CHUNKS 8 /* at most this many of STREAM_CHUNK bytes, 2 MiB */

#define READAHEAD_AFTER (1u << 20) /* bytes given before the threads start */

struct readahead;

/*
 * A stream of the bytes of from, read ahead.  If sum is not NULL, a second thread adds all bytes to
 * it, beside the consumer and from the same memory.  The stream ends only when the sum is complete,
 * and with an error if the sum is wrong.  Only the threads use from and sum, until the end or
 * readahead_freep.  The threads start after READAHEAD_AFTER bytes, since a small layer is read
 * sooner than a thread starts.  If they cannot start, the stream is read without them.
 */
struct readahead *readahead_new(struct stream *from, struct digest_check *sum);
void readahead_freep(struct readahead **a);
#define auto_readahead __attribute__((cleanup(readahead_freep))) struct readahead *

struct stream *readahead_stream(struct readahead *a);

/* Start no thread, unless one runs already. */
void readahead_off(struct readahead *a);
