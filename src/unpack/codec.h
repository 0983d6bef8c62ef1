/* codec: one interface to the libraries that decompress: a buffer in, a buffer out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum compression {
	COMPRESSION_NONE,
	COMPRESSION_GZIP,
	COMPRESSION_ZSTD,
	COMPRESSION_XZ,
	COMPRESSION_BZIP2
};

/*
 * The default limit for the memory of a decoder, in bytes.  xz -9 needs 65 MiB, zstd --ultra -22
 * needs 128 MiB.
 */
#define CODEC_MEMORY (256ull << 20)
#define CODEC_MAGIC 6 /* the first bytes identify the format */

enum compression codec_kind_of(const uint8_t *magic, size_t len);
const char *codec_name(enum compression c); /* "none", "gzip", "zstd", "xz", "bzip2" */

/* How one step ended. */
enum codec_step { CODEC_MORE, CODEC_END_OF_MEMBER, CODEC_BROKEN };

union codec_state;

struct codec {
	enum compression kind; /* set by the caller, never COMPRESSION_NONE */
	uint64_t memory;       /* limit in bytes */
	bool unsummed;	       /* skip zstd's own checksum */
	const uint8_t *in;     /* input that is not consumed yet */
	size_t in_len;
	uint8_t *out;	 /* a step writes here, up to STREAM_CHUNK bytes ... */
	size_t out_len;	 /* ... and this many */
	const char *why; /* why CODEC_BROKEN; NULL: the decoder would need this much memory: */
	uint64_t needed;
	uint64_t member_out;	  /* output of the current member, in bytes */
	union codec_state *state; /* owned by the library; NULL before the first member */
};

/* Begin a member.  False if the library cannot be set up. */
bool codec_start(struct codec *c);
enum codec_step codec_step(struct codec *c);
void codec_done(struct codec *c);
