/*
 * ahead: a stream that a thread of its own reads ahead, so that inflating and summing go on beside
 * writing.
 */
#pragma once

#include "util/digest.h"
#include "util/stream.h"

#define READAHEAD_CHUNKS 8 /* read ahead at most: 8 of STREAM_CHUNK bytes, 2 MiB */

#define READAHEAD_AFTER (1u << 20) /* bytes that are given out before the threads are started */

struct readahead;

/*
 * What from gives, read ahead.  sum, if not NULL, is borrowed, and sees all of it: by a second
 * thread, beside the consumer, from the same memory; the end of the stream is one only once the sum
 * has seen it, and is an error where that finds one.  from and sum are used by the threads alone
 * until readahead_freep, which ends them, or the end.  They are started only once READAHEAD_AFTER
 * bytes have been given out: a small layer is read sooner than a thread is there.  Where none can
 * be had, the stream is read without.
 */
struct readahead *readahead_new(struct stream *from, struct digest_check *sum);
void readahead_freep(struct readahead **a);
#define auto_readahead __attribute__((cleanup(readahead_freep))) struct readahead *

struct stream *readahead_stream(struct readahead *a);

/* No thread, where none was started yet: the stream is passed on as it comes. */
void readahead_off(struct readahead *a);
