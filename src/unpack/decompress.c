/*
 * decompress: gzip, zstd, xz and bzip2 through their own libraries, one loop for all.
 * Touches memory only.
 */
#include "unpack/decompress.h"

#include <bzlib.h>
#include <igzip_lib.h>
#include <lzma.h>
#include <string.h>
#define ZSTD_STATIC_LINKING_ONLY /* ZSTD_d_forceIgnoreChecksum */
#include <zstd.h>

#include "util/arena.h"
#include "util/fd.h"

/* What a library did with the input it was given. */
enum step { STEP_MORE, STEP_END_OF_MEMBER, STEP_BROKEN };

/* A member's header is read apart: isal_inflate 2.31 forgets where it was when one comes in pieces.
 */
struct gzip {
	struct isal_gzip_header header;
	struct inflate_state state;
};

struct decompress {
	struct stream stream, *from;
	const char *what;
	enum compression kind;
	const uint8_t *in;
	size_t in_len;
	bool in_end;  /* from has ended */
	bool within;  /* inside a member that has not ended */
	bool started; /* some member has been seen */
	bool unsummed;
	const char *why; /* reason of STEP_BROKEN */
	uint64_t xz_memory;
	uint8_t head[DECOMPRESS_MAGIC]; /* first bytes, where they came in a shorter chunk */
	size_t head_len;
	const void *rest; /* the chunk behind the head */
	size_t rest_len;
	uint8_t *own; /* a chunk, where the reader has no place for it */
	uint8_t *out; /* where the next chunk goes */
	union {
		struct gzip *gzip;
		ZSTD_DStream *zstd;
		lzma_stream xz;
		bz_stream bzip2;
	} lib;
};

enum compression compression_of(const uint8_t *m, size_t len)
{
	static const uint8_t xz[6] = { 0xfd, '7', 'z', 'X', 'Z', 0 };

	if (len >= 2 && m[0] == 0x1f && m[1] == 0x8b)
		return COMPRESSION_GZIP;
	if (len >= 4 && memcmp(m, "\x28\xb5\x2f\xfd", 4) == 0)
		return COMPRESSION_ZSTD;
	/* A skippable frame may come first, as pzstd writes it. */
	if (len >= 4 && (m[0] & 0xf0) == 0x50 && memcmp(m + 1, "\x2a\x4d\x18", 3) == 0)
		return COMPRESSION_ZSTD;
	if (len >= sizeof(xz) && memcmp(m, xz, sizeof(xz)) == 0)
		return COMPRESSION_XZ;
	if (len >= 4 && memcmp(m, "BZh", 3) == 0 && m[3] >= '1' && m[3] <= '9')
		return COMPRESSION_BZIP2;
	return COMPRESSION_NONE;
}

const char *compression_name(enum compression c)
{
	static const char *const names[] = { "none", "gzip", "zstd", "xz", "bzip2" };

	return names[c];
}

static int member_start(struct decompress *d)
{
	switch (d->kind) {
	case COMPRESSION_GZIP:
		if (!d->lib.gzip)
			d->lib.gzip = xmalloc(sizeof(*d->lib.gzip));
		isal_gzip_header_init(&d->lib.gzip->header);
		isal_inflate_init(&d->lib.gzip->state);
		/* the trailer too, which is checked */
		d->lib.gzip->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
		return 0;
	case COMPRESSION_ZSTD:
		if (d->lib.zstd)
			return 0;
		d->lib.zstd = ZSTD_createDStream();
		return d->lib.zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(
					      d->lib.zstd, ZSTD_d_forceIgnoreChecksum, d->unsummed))
			       ? 0
			       : -1;
	case COMPRESSION_XZ:
		/* Ends at the true end of the file only: it reads streams and padding between on
		 * its own. */
		return lzma_stream_decoder(&d->lib.xz, d->xz_memory, LZMA_CONCATENATED) == LZMA_OK
			       ? 0
			       : -1;
	case COMPRESSION_BZIP2:
		if (d->started)
			(void)BZ2_bzDecompressEnd(&d->lib.bzip2);
		memset(&d->lib.bzip2, 0, sizeof(d->lib.bzip2));
		return BZ2_bzDecompressInit(&d->lib.bzip2, 0, 0) == BZ_OK ? 0 : -1;
	case COMPRESSION_NONE:
		break;
	}
	return 0;
}

static const char *gzip_why(int code)
{
	switch (code) {
	case ISAL_INVALID_WRAPPER:
	case ISAL_UNSUPPORTED_METHOD:
		return "damaged header";
	case ISAL_INCORRECT_CHECKSUM:
		return "its checksum does not match";
	default:
		return "damaged";
	}
}

static enum step step_gzip(struct decompress *d, size_t *out_len)
{
	struct inflate_state *z = &d->lib.gzip->state;
	int r = ISAL_DECOMP_OK;

	z->next_in = (uint8_t *)d->in;
	z->avail_in = (uint32_t)d->in_len;
	z->next_out = d->out;
	z->avail_out = STREAM_CHUNK;
	/* wrapper_flag: the header has been read; above zero: it goes on in the next chunk. */
	if (!z->wrapper_flag)
		r = isal_read_gzip_header(z, &d->lib.gzip->header);
	if (z->wrapper_flag)
		r = isal_inflate(z);
	d->in = z->next_in;
	d->in_len = z->avail_in;
	*out_len = STREAM_CHUNK - z->avail_out;
	d->why = gzip_why(r);
	if (r < 0)
		return STEP_BROKEN;
	return z->block_state == ISAL_BLOCK_FINISH ? STEP_END_OF_MEMBER : STEP_MORE;
}

static enum step step_zstd(struct decompress *d, size_t *out_len)
{
	ZSTD_inBuffer in = { d->in, d->in_len, 0 };
	ZSTD_outBuffer out = { d->out, STREAM_CHUNK, 0 };
	size_t r = ZSTD_decompressStream(d->lib.zstd, &out, &in);

	d->in += in.pos;
	d->in_len -= in.pos;
	*out_len = out.pos;
	if (ZSTD_isError(r)) {
		d->why = ZSTD_getErrorName(r);
		return STEP_BROKEN;
	}
	return r == 0 ? STEP_END_OF_MEMBER : STEP_MORE;
}

static enum step step_xz(struct decompress *d, size_t *out_len)
{
	lzma_stream *x = &d->lib.xz;
	lzma_ret r;

	x->next_in = d->in;
	x->avail_in = d->in_len;
	x->next_out = d->out;
	x->avail_out = STREAM_CHUNK;
	r = lzma_code(x, d->in_end ? LZMA_FINISH : LZMA_RUN);
	d->in = x->next_in;
	d->in_len = x->avail_in;
	*out_len = STREAM_CHUNK - x->avail_out;
	if (r == LZMA_STREAM_END)
		return STEP_END_OF_MEMBER;
	d->why = r == LZMA_MEMLIMIT_ERROR ? "asks for more memory than --xz-memory allows"
					  : "damaged";
	return r == LZMA_OK || r == LZMA_BUF_ERROR ? STEP_MORE : STEP_BROKEN;
}

static enum step step_bzip2(struct decompress *d, size_t *out_len)
{
	bz_stream *b = &d->lib.bzip2;
	int r;

	b->next_in = (char *)d->in;
	b->avail_in = (unsigned)d->in_len;
	b->next_out = (char *)d->out;
	b->avail_out = STREAM_CHUNK;
	r = BZ2_bzDecompress(b);
	d->in = (const uint8_t *)b->next_in;
	d->in_len = b->avail_in;
	*out_len = STREAM_CHUNK - b->avail_out;
	if (r == BZ_STREAM_END)
		return STEP_END_OF_MEMBER;
	d->why = "damaged";
	return r == BZ_OK ? STEP_MORE : STEP_BROKEN;
}

static enum step step(struct decompress *d, size_t *out_len)
{
	switch (d->kind) {
	case COMPRESSION_GZIP:
		return step_gzip(d, out_len);
	case COMPRESSION_ZSTD:
		return step_zstd(d, out_len);
	case COMPRESSION_XZ:
		return step_xz(d, out_len);
	case COMPRESSION_BZIP2:
		return step_bzip2(d, out_len);
	case COMPRESSION_NONE:
		break;
	}
	return STEP_BROKEN;
}

/* More input, where there is none: the head, the chunk it was cut from, then what from gives. */
static int refill(struct decompress *d, struct err *e)
{
	const void *buf = NULL;
	ssize_t n;

	if (d->in_len > 0 || d->in_end)
		return 0;
	if (d->rest_len > 0) {
		d->in = d->rest;
		d->in_len = d->rest_len;
		d->rest_len = 0;
		return 0;
	}
	n = stream_next(d->from, &buf, e);
	if (n < 0)
		return -1;
	d->in = buf;
	d->in_len = (size_t)n;
	d->in_end = n == 0;
	return 0;
}

/* Between members: is there another?  Zeros behind the last one are padding (tapes, and some
 * registries). */
static int next_member(struct decompress *d, bool *ret_end, struct err *e)
{
	while (d->started && d->kind != COMPRESSION_ZSTD) {
		while (d->in_len > 0 && *d->in == 0) {
			d->in++;
			d->in_len--;
		}
		if (d->in_len > 0 || d->in_end)
			break;
		if (refill(d, e) < 0)
			return -1;
	}
	*ret_end = d->in_len == 0 && d->in_end;
	if (*ret_end)
		return 0;
	if (member_start(d) < 0)
		return err_set(e, 0, "%s: %s: cannot set up the decompressor", d->what,
			compression_name(d->kind));
	d->started = d->within = true;
	return 0;
}

static ssize_t decompress_next(struct stream *stream, const void **buf, struct err *e)
{
	struct decompress *d = (struct decompress *)stream;
	size_t out = 0;
	bool end;

	if (!stream->place && !d->own)
		d->own = xmalloc(STREAM_CHUNK);
	d->out = stream->place ? stream->place : d->own;
	while (out == 0) {
		if (refill(d, e) < 0)
			return -1;
		if (!d->within) {
			if (next_member(d, &end, e) < 0)
				return -1;
			if (end)
				return 0;
		}
		size_t before = d->in_len;
		enum step s = step(d, &out);

		if (s == STEP_BROKEN)
			return err_set(
				e, 0, "%s: %s: %s", d->what, compression_name(d->kind), d->why);
		if (s == STEP_END_OF_MEMBER)
			d->within = false;
		else if (out == 0 && d->in_end && d->in_len == before)
			return err_set(
				e, 0, "%s: %s: ends too early", d->what, compression_name(d->kind));
	}
	*buf = d->out;
	return (ssize_t)out;
}

static ssize_t plain_next(struct stream *stream, const void **buf, struct err *e)
{
	struct decompress *d = (struct decompress *)stream;
	ssize_t n;

	d->from->place = stream->place;
	if (d->in_len == 0 && refill(d, e) < 0)
		return -1;
	*buf = d->in;
	n = (ssize_t)d->in_len;
	d->in_len = 0;
	return n;
}

/* Look at the first bytes.  They are given out again: from the head where the first chunk was
 * short. */
static int peek(struct decompress *d, struct err *e)
{
	while (d->head_len < DECOMPRESS_MAGIC) {
		size_t want = DECOMPRESS_MAGIC - d->head_len, take;

		if (refill(d, e) < 0)
			return -1;
		if (d->in_end)
			break;
		take = d->in_len < want ? d->in_len : want;
		if (d->head_len == 0 && take == DECOMPRESS_MAGIC) {
			d->kind = compression_of(d->in, d->in_len);
			return 0;
		}
		memcpy(d->head + d->head_len, d->in, take);
		d->head_len += take;
		d->rest = d->in + take;
		d->rest_len = d->in_len - take;
		d->in_len = 0;
		if (d->rest_len > 0)
			break;
	}
	d->kind = compression_of(d->head, d->head_len);
	d->in = d->head;
	d->in_len = d->head_len;
	/* An end that was seen is seen again, once the head is used up. */
	return 0;
}

struct decompress *decompress_new(
	struct stream *from, const char *what, uint64_t xz_memory, struct err *e)
{
	auto_decompress d = xmalloc(sizeof(*d));
	struct decompress *ret;

	*d = (struct decompress){
		.from = from,
		.what = what,
		.xz_memory = xz_memory ? xz_memory : DECOMPRESS_XZ_MEMORY,
	};
	if (peek(d, e) < 0)
		return NULL;
	d->stream.next = d->kind == COMPRESSION_NONE ? plain_next : decompress_next;
	ret = d;
	d = NULL;
	return ret;
}

void decompress_freep(struct decompress **dp)
{
	struct decompress *d = *dp;

	if (!d)
		return;
	if (d->kind == COMPRESSION_GZIP)
		free(d->lib.gzip);
	if (d->kind == COMPRESSION_ZSTD)
		(void)ZSTD_freeDStream(d->lib.zstd);
	if (d->kind == COMPRESSION_XZ)
		lzma_end(&d->lib.xz);
	if (d->kind == COMPRESSION_BZIP2 && d->started)
		(void)BZ2_bzDecompressEnd(&d->lib.bzip2);
	free(d->own);
	free(d);
	*dp = NULL;
}

struct stream *decompress_stream(struct decompress *d)
{
	return &d->stream;
}

void decompress_unsummed(struct decompress *d)
{
	d->unsummed = true;
}

enum compression decompress_kind(const struct decompress *d)
{
	return d->kind;
}
