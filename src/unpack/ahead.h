/*
 * ahead: a stream that a thread of its own reads ahead, so that inflating and summing go on beside
 * writing.
 */
#ifndef UNPACK_AHEAD_H
#define UNPACK_AHEAD_H

#include "util/stream.h"

#define AHEAD_CHUNKS 8 /* read ahead at most: 8 of STREAM_CHUNK bytes, 2 MiB */

#define AHEAD_AFTER (1u << 20) /* bytes that are given out before the thread is started */

struct ahead;

/*
 * What from gives, read ahead.  from is used by the thread alone until ahead_freep, which ends it.
 * The thread is started only once AHEAD_AFTER bytes have been given out: a small layer is read
 * sooner than a thread is there.  Where none can be had, the stream is read without one.
 */
struct ahead *ahead_new(struct stream *from);
void ahead_freep(struct ahead **a);
#define auto_ahead __attribute__((cleanup(ahead_freep))) struct ahead *

struct stream *ahead_stream(struct ahead *a);

/* No thread, where none was started yet: the stream is passed on as it comes. */
void ahead_off(struct ahead *a);

#endif
