/*
 * codec: the libraries that decompress, behind one interface: a buffer in, a buffer out.
 */
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

/* Bytes that a decoder may take by default: xz -9 asks for 65 MiB, zstd --ultra -22 for 128 MiB. */
#define CODEC_MEMORY (256ull << 20)
#define CODEC_MAGIC 6 /* first bytes that tell the formats apart */

enum compression codec_kind_of(const uint8_t *magic, size_t len);
const char *codec_name(enum compression c); /* "none", "gzip", "zstd", "xz", "bzip2" */

/* What a library did with the input it was given. */
enum codec_step { CODEC_MORE, CODEC_END_OF_MEMBER, CODEC_BROKEN };

union codec_state;

struct codec {
	enum compression kind; /* set by the caller, and not COMPRESSION_NONE */
	uint64_t memory;       /* bytes that it may take */
	bool unsummed;	       /* zstd: its own sum is not looked at */
	const uint8_t *in;     /* the input, as far as no step has taken it */
	size_t in_len;
	uint8_t *out;	 /* where a step writes, STREAM_CHUNK bytes ... */
	size_t out_len;	 /* ... and how many it has written */
	const char *why; /* reason of CODEC_BROKEN; NULL: it would need so much memory: */
	uint64_t needed;
	uint64_t member_out;	  /* bytes that came out of the member */
	union codec_state *state; /* the library's; NULL: no member was begun yet */
};

/* A member begins.  False where the library cannot be set up. */
bool codec_start(struct codec *c);
enum codec_step codec_step(struct codec *c);
void codec_done(struct codec *c);
