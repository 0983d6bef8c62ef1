/*
 * codec: one library for each format: gzip, zstd, xz and bzip2.
 * Touches memory only.
 */
#include "unpack/codec.h"

#include <bzlib.h>
#include <igzip_lib.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_d_forceIgnoreChecksum, ZSTD_WINDOWLOG_MAX */
#include <zstd.h>

#include "util/arena.h"
#include "util/stream.h"

union codec_state {
	/*
	 * The header of a member is read by a call of its own: isal_inflate 2.31 loses its place
	 * when the header comes in pieces.
	 */
	struct {
		struct isal_gzip_header header;
		struct inflate_state inflate;
	} gzip;
	ZSTD_DStream *zstd;
	lzma_stream xz;
	bz_stream bzip2;
};

/* One library.  end may be NULL; it is called after start, even if that failed. */
struct codec_library {
	const char *name;
	bool (*start)(struct codec *c);
	enum codec_step (*step)(struct codec *c);
	void (*end)(struct codec *c);
};

static bool codec_gzip_start(struct codec *c)
{
	isal_gzip_header_init(&c->state->gzip.header);
	isal_inflate_init(&c->state->gzip.inflate);
	/* check the trailer too */
	c->state->gzip.inflate.crc_flag = ISAL_GZIP_NO_HDR_VER;
	return true;
}

static enum codec_step codec_gzip_step(struct codec *c)
{
	struct inflate_state *z = &c->state->gzip.inflate;
	int r = ISAL_DECOMP_OK;

	z->next_in = (uint8_t *)c->in;
	z->avail_in = (uint32_t)c->in_len;
	z->next_out = c->out;
	z->avail_out = STREAM_CHUNK;
	/* wrapper_flag is set once the header has been read. */
	if (!z->wrapper_flag)
		r = isal_read_gzip_header(z, &c->state->gzip.header);
	if (z->wrapper_flag)
		r = isal_inflate(z);
	c->in = z->next_in;
	c->in_len = z->avail_in;
	c->out_len = STREAM_CHUNK - z->avail_out;
	if (r >= 0)
		return z->block_state == ISAL_BLOCK_FINISH ? CODEC_END_OF_MEMBER : CODEC_MORE;
	if (r == ISAL_INVALID_WRAPPER || r == ISAL_UNSUPPORTED_METHOD)
		c->why = "damaged header";
	else if (r == ISAL_INCORRECT_CHECKSUM)
		c->why = "its checksum does not match";
	return CODEC_BROKEN;
}

static bool codec_zstd_start(struct codec *c)
{
	if (c->state->zstd)
		return true;
	c->state->zstd = ZSTD_createDStream();
	return c->state->zstd &&
	       !ZSTD_isError(ZSTD_DCtx_setParameter(
		       c->state->zstd, ZSTD_d_forceIgnoreChecksum, c->unsummed)) &&
	       !ZSTD_isError(ZSTD_DCtx_setParameter(
		       c->state->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOWLOG_MAX));
}

/*
 * The library reserves a window of the size that the frame's header states: 2 GiB for even a small
 * file that `zstd --long=31` read from a pipe.  But it touches only as much as has come out, so
 * that is what counts.
 */
static enum codec_step codec_zstd_step(struct codec *c)
{
	ZSTD_inBuffer in = { c->in, c->in_len, 0 };
	ZSTD_outBuffer out = { c->out, STREAM_CHUNK, 0 };
	size_t r = ZSTD_decompressStream(c->state->zstd, &out, &in);

	c->in += in.pos;
	c->in_len -= in.pos;
	c->out_len = out.pos;
	if (ZSTD_isError(r)) {
		c->why = ZSTD_getErrorName(r);
		return CODEC_BROKEN;
	}
	if (c->member_out + out.pos + STREAM_CHUNK > c->memory) {
		c->needed = ZSTD_sizeof_DStream(c->state->zstd);
		c->why = NULL;
		if (c->needed > c->memory)
			return CODEC_BROKEN;
	}
	return r == 0 ? CODEC_END_OF_MEMBER : CODEC_MORE;
}

static void codec_zstd_end(struct codec *c)
{
	(void)ZSTD_freeDStream(c->state->zstd);
}

static bool codec_xz_start(struct codec *c)
{
	return lzma_stream_decoder(&c->state->xz, c->memory, 0) == LZMA_OK;
}

static enum codec_step codec_xz_step(struct codec *c)
{
	lzma_stream *x = &c->state->xz;
	lzma_ret r;

	x->next_in = c->in;
	x->avail_in = c->in_len;
	x->next_out = c->out;
	x->avail_out = STREAM_CHUNK;
	r = lzma_code(x, LZMA_RUN);
	c->in = x->next_in;
	c->in_len = x->avail_in;
	c->out_len = STREAM_CHUNK - x->avail_out;
	if (r == LZMA_STREAM_END)
		return CODEC_END_OF_MEMBER;
	if (r == LZMA_MEMLIMIT_ERROR) {
		c->needed = lzma_memusage(x);
		c->why = NULL;
	}
	return r == LZMA_OK || r == LZMA_BUF_ERROR ? CODEC_MORE : CODEC_BROKEN;
}

static void codec_xz_end(struct codec *c)
{
	lzma_end(&c->state->xz);
}

static bool codec_bzip2_start(struct codec *c)
{
	(void)BZ2_bzDecompressEnd(&c->state->bzip2); /* does nothing the first time */
	memset(&c->state->bzip2, 0, sizeof(c->state->bzip2));
	return BZ2_bzDecompressInit(&c->state->bzip2, 0, 0) == BZ_OK;
}

static enum codec_step codec_bzip2_step(struct codec *c)
{
	bz_stream *b = &c->state->bzip2;
	int r;

	b->next_in = (char *)c->in;
	b->avail_in = (unsigned)c->in_len;
	b->next_out = (char *)c->out;
	b->avail_out = STREAM_CHUNK;
	r = BZ2_bzDecompress(b);
	c->in = (const uint8_t *)b->next_in;
	c->in_len = b->avail_in;
	c->out_len = STREAM_CHUNK - b->avail_out;
	if (r == BZ_STREAM_END)
		return CODEC_END_OF_MEMBER;
	return r == BZ_OK ? CODEC_MORE : CODEC_BROKEN;
}

static void codec_bzip2_end(struct codec *c)
{
	(void)BZ2_bzDecompressEnd(&c->state->bzip2);
}

static const struct codec_library codec_libraries[] = {
	[COMPRESSION_NONE] = { "none", NULL, NULL, NULL },
	[COMPRESSION_GZIP] = { "gzip", codec_gzip_start, codec_gzip_step, NULL },
	[COMPRESSION_ZSTD] = { "zstd", codec_zstd_start, codec_zstd_step, codec_zstd_end },
	[COMPRESSION_XZ] = { "xz", codec_xz_start, codec_xz_step, codec_xz_end },
	[COMPRESSION_BZIP2] = { "bzip2", codec_bzip2_start, codec_bzip2_step, codec_bzip2_end },
};

enum compression codec_kind_of(const uint8_t *m, size_t len)
{
	static const uint8_t xz[6] = { 0xfd, '7', 'z', 'X', 'Z', 0 };

	if (len >= 2 && m[0] == 0x1f && m[1] == 0x8b)
		return COMPRESSION_GZIP;
	if (len >= 4 && memcmp(m, "\x28\xb5\x2f\xfd", 4) == 0)
		return COMPRESSION_ZSTD;
	/* pzstd puts a skippable frame first. */
	if (len >= 4 && (m[0] & 0xf0) == 0x50 && memcmp(m + 1, "\x2a\x4d\x18", 3) == 0)
		return COMPRESSION_ZSTD;
	if (len >= sizeof(xz) && memcmp(m, xz, sizeof(xz)) == 0)
		return COMPRESSION_XZ;
	if (len >= 4 && memcmp(m, "BZh", 3) == 0 && m[3] >= '1' && m[3] <= '9')
		return COMPRESSION_BZIP2;
	return COMPRESSION_NONE;
}

const char *codec_name(enum compression c)
{
	return codec_libraries[c].name;
}

bool codec_start(struct codec *c)
{
	if (!c->state) {
		c->state = xmalloc(sizeof(*c->state));
		memset(c->state, 0, sizeof(*c->state));
	}
	c->member_out = 0;
	return codec_libraries[c->kind].start(c);
}

enum codec_step codec_step(struct codec *c)
{
	enum codec_step step;

	c->why = "damaged";
	step = codec_libraries[c->kind].step(c);
	c->member_out += c->out_len;
	return step;
}

void codec_done(struct codec *c)
{
	if (c->state && codec_libraries[c->kind].end)
		codec_libraries[c->kind].end(c);
	free(c->state);
	c->state = NULL;
}
