/*
 * decompress: turns a compressed stream into a plain one.  The first bytes decide the format, never
 * a name or a media type.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "unpack/codec.h"
#include "util/stream.h"

struct decompress;

/*
 * A stream of the uncompressed bytes of from, or of the same bytes if they are not compressed.
 * There may be several members, skippable frames of zstd, and zeros after the last member; anything
 * else there is an error.  what, which is borrowed like from, names the object in errors.  memory
 * limits the decoder, in bytes; 0 means the default.  Returns NULL with e if the first bytes cannot
 * be read.
 */
struct decompress *decompress_new(
	struct stream *from, const char *what, uint64_t memory, struct err *e);
void decompress_freep(struct decompress **d);
#define auto_decompress __attribute__((cleanup(decompress_freep))) struct decompress *

struct stream *decompress_stream(struct decompress *d);
enum compression decompress_kind(const struct decompress *d);

/*
 * Skip zstd's own checksum, which takes a tenth of its time: a digest checks the output.  Call it
 * before the first byte is read.
 */
void decompress_unsummed(struct decompress *d);
