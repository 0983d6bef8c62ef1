/*
 * decompress: a stream out of a compressed one.  Its first bytes say what it is, never a name or a
 * media type.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "unpack/codec.h"
#include "util/stream.h"

struct decompress;

/*
 * A stream of what from holds, uncompressed; the same bytes where it is not compressed.  There may
 * be several members, skippable ones of zstd too, and zeros behind the last; anything else there is
 * an error.  what (borrowed) names the object in errors; from is borrowed.  memory: bytes that the
 * decoder may take, 0 for the default.  Returns NULL with e where the first bytes cannot be read;
 * the caller frees with decompress_freep.
 */
struct decompress *decompress_new(
	struct stream *from, const char *what, uint64_t memory, struct err *e);
void decompress_freep(struct decompress **d);
#define auto_decompress __attribute__((cleanup(decompress_freep))) struct decompress *

struct stream *decompress_stream(struct decompress *d);
enum compression decompress_kind(const struct decompress *d);

/* A digest checks what comes out: zstd's own sum of it, which takes a tenth of its time, is not
 * looked at.  Before the first byte is read. */
void decompress_unsummed(struct decompress *d);
