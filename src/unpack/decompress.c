/*
 * decompress: the members of compressed data, one after the other, however the input is cut.
 * Touches memory only.
 */
#include "unpack/decompress.h"

#include <string.h>

#include "util/arena.h"
#include "util/fd.h"

struct decompress {
	struct stream stream, *from;
	const char *what;
	struct codec codec;	   /* its input is what is left of the chunk */
	bool in_end;		   /* from has ended */
	bool within;		   /* inside a member that has not ended */
	uint8_t head[CODEC_MAGIC]; /* the first bytes, if they came in a shorter chunk */
	const void *rest;	   /* the chunk behind the head */
	size_t rest_len;
	uint8_t *own; /* a chunk, if the reader has no place for it */
};

static int decompress_error(const struct decompress *d, const char *why, struct err *e)
{
	const char *name = codec_name(d->codec.kind);

	if (why)
		return err_set(e, 0, "%s: %s: %s", d->what, name, why);
	(void)err_set(e, 0, "%s: %s: needs %llu MiB of memory, over the limit of %llu MiB", d->what,
		name, (unsigned long long)(d->codec.needed >> 20) + 1,
		(unsigned long long)d->codec.memory >> 20);
	return err_hint(e, "--decoder-memory %llum raises the limit",
		(unsigned long long)(d->codec.needed >> 20) + 1);
}

/* Get more input if there is none: the head, the chunk it was cut from, then from's next chunk. */
static int decompress_refill(struct decompress *d, struct err *e)
{
	const void *buf = NULL;
	ssize_t n;

	if (d->codec.in_len > 0 || d->in_end)
		return 0;
	if (d->rest_len > 0) {
		d->codec.in = d->rest;
		d->codec.in_len = d->rest_len;
		d->rest_len = 0;
		return 0;
	}
	n = stream_next(d->from, &buf, e);
	if (n < 0)
		return -1;
	d->codec.in = buf;
	d->codec.in_len = (size_t)n;
	d->in_end = n == 0;
	return 0;
}

/*
 * Get the next CODEC_MAGIC bytes in one piece, or as many as there are before the end.  The end is
 * seen again once they are used up.
 */
static int decompress_peek(struct decompress *d, struct err *e)
{
	size_t len = d->codec.in_len;

	if (len >= CODEC_MAGIC)
		return 0;
	if (len > 0)
		memmove(d->head, d->codec.in, len);
	while (len < CODEC_MAGIC) {
		size_t take;

		d->codec.in_len = 0;
		if (decompress_refill(d, e) < 0)
			return -1;
		if (d->in_end)
			break;
		take = CODEC_MAGIC - len < d->codec.in_len ? CODEC_MAGIC - len : d->codec.in_len;
		memcpy(d->head + len, d->codec.in, take);
		len += take;
		d->rest = d->codec.in + take;
		d->rest_len = d->codec.in_len - take;
	}
	d->codec.in = d->head;
	d->codec.in_len = len;
	return 0;
}

/*
 * Begin the next member, if there is one.  Zeros after the last one are padding (tapes, and some
 * registries).
 */
static int decompress_member(struct decompress *d, bool *ret_end, struct err *e)
{
	do {
		if (decompress_refill(d, e) < 0)
			return -1;
		for (; d->codec.state && d->codec.in_len > 0 && *d->codec.in == 0;
			d->codec.in_len--)
			d->codec.in++;
	} while (d->codec.in_len == 0 && !d->in_end);
	*ret_end = d->codec.in_len == 0;
	if (*ret_end)
		return 0;
	if (decompress_peek(d, e) < 0)
		return -1;
	if (codec_kind_of(d->codec.in, d->codec.in_len) != d->codec.kind) {
		(void)decompress_error(d, "other bytes follow the compressed data", e);
		return err_hint(e, "the file may be damaged or cut; `%s -dc` says more",
			codec_name(d->codec.kind));
	}
	if (!codec_start(&d->codec))
		return decompress_error(d, "cannot set up the decompressor", e);
	d->within = true;
	return 0;
}

static ssize_t decompress_next(struct stream *stream, const void **buf, struct err *e)
{
	struct decompress *d = (struct decompress *)stream;
	bool end;

	if (!stream->place && !d->own)
		d->own = xmalloc(STREAM_CHUNK);
	d->codec.out = stream->place ? stream->place : d->own;
	do {
		if (!d->within) {
			if (decompress_member(d, &end, e) < 0)
				return -1;
			if (end)
				return 0;
		}
		if (decompress_refill(d, e) < 0)
			return -1;
		size_t before = d->codec.in_len;

		switch (codec_step(&d->codec)) {
		case CODEC_BROKEN:
			return decompress_error(d, d->codec.why, e);
		case CODEC_END_OF_MEMBER:
			d->within = false;
			break;
		case CODEC_MORE:
			if (d->codec.out_len == 0 && d->in_end && d->codec.in_len == before)
				return decompress_error(d, "ends too early", e);
		}
	} while (d->codec.out_len == 0);
	*buf = d->codec.out;
	return (ssize_t)d->codec.out_len;
}

static ssize_t decompress_next_plain(struct stream *stream, const void **buf, struct err *e)
{
	struct decompress *d = (struct decompress *)stream;
	ssize_t n;

	d->from->place = stream->place;
	if (decompress_refill(d, e) < 0)
		return -1;
	*buf = d->codec.in;
	n = (ssize_t)d->codec.in_len;
	d->codec.in_len = 0;
	return n;
}

struct decompress *decompress_new(
	struct stream *from, const char *what, uint64_t memory, struct err *e)
{
	struct decompress *d = xmalloc(sizeof(*d));

	*d = (struct decompress){
		.from = from,
		.what = what,
		.codec.memory = memory ? memory : CODEC_MEMORY,
	};
	if (decompress_peek(d, e) < 0) {
		decompress_freep(&d);
		return NULL;
	}
	d->codec.kind = codec_kind_of(d->codec.in, d->codec.in_len);
	d->stream.next =
		d->codec.kind == COMPRESSION_NONE ? decompress_next_plain : decompress_next;
	return d;
}

void decompress_freep(struct decompress **dp)
{
	struct decompress *d = *dp;

	if (!d)
		return;
	codec_done(&d->codec);
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
	d->codec.unsummed = true;
}

enum compression decompress_kind(const struct decompress *d)
{
	return d->codec.kind;
}
