/*
 * decompress: a stream out of a compressed one.  What it is, its first bytes say, never a name or
 * media type.
 */
#ifndef UNPACK_DECOMPRESS_H
#define UNPACK_DECOMPRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/stream.h"

enum compression {
	COMPRESSION_NONE,
	COMPRESSION_GZIP,
	COMPRESSION_ZSTD,
	COMPRESSION_XZ,
	COMPRESSION_BZIP2
};

#define DECOMPRESS_XZ_MEMORY \
	(256ull << 20) /* bytes that an xz stream may ask for, by default; xz -9 asks for 65 MiB \
			*/
#define DECOMPRESS_MAGIC 6 /* first bytes that tell the formats apart */

enum compression compression_of(const uint8_t *magic, size_t len);
const char *compression_name(enum compression c); /* "none", "gzip", "zstd", "xz", "bzip2" */

struct decompress;

/*
 * A stream of what from holds, uncompressed; the same bytes where it is not compressed. gzip and xz
 * and bzip2 may have several members, zstd several frames, skippable ones too. what (borrowed)
 * names the object in errors; from is borrowed.  xz_memory: bytes, 0 for the default. Returns NULL
 * with e where the first bytes cannot be read; the caller frees with decompress_free.
 */
struct decompress *decompress_new(
	struct stream *from, const char *what, uint64_t xz_memory, struct err *e);
void decompress_freep(struct decompress **d);
#define auto_decompress __attribute__((cleanup(decompress_freep))) struct decompress *

struct stream *decompress_stream(struct decompress *d);
enum compression decompress_kind(const struct decompress *d);

/* What comes out is checked by a digest: zstd's own sum of it, which takes a tenth of its time, is
 * not looked at.  Before the first byte is read. */
void decompress_unsummed(struct decompress *d);

#endif
