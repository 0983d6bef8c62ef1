/*
 * gzip: a member is read rightly however it is cut into chunks, with all that its header may hold;
 * what is cut off, changed or no gzip at all is told.
 */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "unpack/decompress.h"
#include "util/fd.h"

#define TEXT "what is in it, stored and then compressed, compressed, compressed"
#define ALL TEXT "xxxxxxxxxxxxxxxxxxxx"
#define MEMBER_MAX 256

/* A member as RFC 1952 has it: every optional field, a stored block and one of fixed codes. */
struct bytes {
	uint8_t at[2 * MEMBER_MAX];
	size_t n;
};

static void put(struct bytes *b, const void *data, size_t n)
{
	memcpy(b->at + b->n, data, n);
	b->n += n;
}

static void put_number(struct bytes *b, uint32_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b->at[b->n++] = (uint8_t)(value >> 8 * i);
}

static uint32_t crc_of(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;

	while (n-- > 0) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void member(struct bytes *b)
{
	/* the letter x, and 19 times what stood one byte before */
	static const uint8_t fixed[] = { 0xab, 0xa8, 0xc0, 0x04, 0x00 };
	uint8_t all[] = ALL;
	size_t start = b->n;

	put(b, "\x1f\x8b\x08\x1e\1\2\3\4\0\3", 10); /* FHCRC, FEXTRA, FNAME, FCOMMENT */
	put_number(b, 5, 2);
	put(b, "extra", 5);
	put(b, "name", 5);
	put(b, "comment", 8);
	put_number(b, crc_of(b->at + start, b->n - start) & 0xffff, 2);
	put_number(b, 0, 1); /* not the last block, stored */
	put_number(b, strlen(TEXT), 2);
	put_number(b, ~(uint32_t)strlen(TEXT), 2);
	put(b, TEXT, strlen(TEXT));
	put(b, fixed, sizeof(fixed));
	put_number(b, crc_of(all, sizeof(all) - 1), 4);
	put_number(b, sizeof(all) - 1, 4);
}

/* Gives the first `cut` bytes in one chunk, and the others one by one; each lies at the end of its
 * memory. */
struct source {
	struct stream stream;
	const struct bytes *from;
	size_t cut, given;
	uint8_t *chunk;
};

static ssize_t source_next(struct stream *stream, const void **buf, struct err *e)
{
	struct source *s = (struct source *)stream;
	size_t left = s->from->n - s->given, n = s->given == 0 && s->cut > 0 ? s->cut : 1;

	(void)e;
	n = n < left ? n : left;
	free(s->chunk);
	s->chunk = n ? malloc(n) : NULL;
	if (n == 0)
		return 0;
	if (!s->chunk)
		abort();
	memcpy(s->chunk, s->from->at + s->given, n);
	s->given += n;
	*buf = s->chunk;
	return (ssize_t)n;
}

/* What comes out of b, cut so; NULL where it is an error, which e tells.  The caller frees. */
static char *inflate(const struct bytes *b, size_t cut, struct err *e)
{
	struct source s = { .stream = { .next = source_next }, .from = b, .cut = cut };
	auto_decompress d = decompress_new(&s.stream, "it", 0, e);
	char *out = calloc(1, 4096);
	const void *buf;
	size_t n = 0;
	ssize_t r = -1;

	if (!out)
		abort();
	while (d && (r = stream_next(decompress_stream(d), &buf, e)) > 0) {
		if (n + (size_t)r >= 4096)
			abort();
		memcpy(out + n, buf, (size_t)r);
		n += (size_t)r;
	}
	free(s.chunk);
	if (r == 0)
		return out;
	free(out);
	return NULL;
}

static void check_cuts(const struct bytes *b, const char *want, const char *name)
{
	size_t wrong = 0;

	for (size_t cut = 0; cut <= b->n; cut++) {
		struct err e = { 0 };
		auto_free char *out = inflate(b, cut, &e);

		if (!out || strcmp(out, want) != 0) {
			printf("# cut at %zu: %s\n", cut, out ? out : e.msg);
			wrong++;
		}
	}
	tap_ok(wrong == 0, "%s, cut anywhere", name);
}

static void check_damage(const struct bytes *whole)
{
	size_t unseen = 0, untold = 0;

	for (size_t n = CODEC_MAGIC; n < whole->n; n++) {
		struct bytes b = *whole;
		struct err e = { 0 };

		b.n = n;
		auto_free char *out = inflate(&b, n / 2, &e);
		unseen += out != NULL;
		untold += !strstr(e.msg, "ends too early");
	}
	tap_ok(unseen == 0 && untold == 0, "what is cut off ends too early");
	unseen = 0;
	for (size_t at = 2; at < whole->n; at++) {
		struct bytes b = *whole;
		struct err e = { 0 };

		b.at[at] ^= 1;
		auto_free char *out = inflate(&b, at / 2, &e);
		unseen += out != NULL;
	}
	tap_ok(unseen == 0, "a byte that is changed is seen");
}

static void check_why(struct bytes b, size_t at, const char *want)
{
	struct err e = { 0 };

	b.at[at] ^= 1;
	auto_free char *out = inflate(&b, b.n, &e);
	tap_str(e.msg, want, "and said");
}

int main(void)
{
	struct bytes b = { 0 };

	member(&b);
	check_cuts(&b, ALL, "a member");
	check_damage(&b);
	check_why(b, b.n - 1, "it: gzip: its checksum does not match");
	check_why(b, 2, "it: gzip: damaged header");
	put_number(&b, 0, 3);
	check_cuts(&b, ALL, "a member and zeros behind it");
	b.n -= 3;
	member(&b);
	check_cuts(&b, ALL ALL, "two members");
	put_number(&b, 7, 1);
	check_why(b, b.n - 1, "it: gzip: other bytes follow the compressed data");
	return tap_done();
}
