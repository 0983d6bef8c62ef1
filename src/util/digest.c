/*
 * digest: SHA-256 and SHA-512 over the crypto library, which picks the CPU's own instructions for
 * SHA-256 at run time.
 * Touches nothing but memory.
 */
#include "util/digest.h"

#include <string.h>

void digest_init(struct digest *d)
{
	d->is_512 = false;
	sha256_init(&d->sha256);
}

static bool digest_is_512(const char *hex)
{
	return strlen(hex) == DIGEST_HEX_MAX;
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	if (d->is_512)
		sha512_update(&d->sha512, len, data);
	else
		sha256_update(&d->sha256, len, data);
}

void digest_hex(struct digest *d, char *out)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[SHA512_DIGEST_SIZE];
	const size_t n = d->is_512 ? SHA512_DIGEST_SIZE : SHA256_DIGEST_SIZE;

	if (d->is_512)
		sha512_digest(&d->sha512, n, sum);
	else
		sha256_digest(&d->sha256, n, sum);
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[sum[i] >> 4];
		out[2 * i + 1] = digits[sum[i] & 15];
	}
	out[2 * n] = '\0';
}

void digest_of(const void *data, size_t len, char out[DIGEST_HEX + 1])
{
	struct digest d;

	digest_init(&d);
	digest_add(&d, data, len);
	digest_hex(&d, out);
}

bool digest_is_sum(const char *s)
{
	const size_t n = strspn(s, "0123456789abcdef");

	return (n == DIGEST_HEX || n == DIGEST_HEX_MAX) && !s[n];
}

bool digest_is_hex(const char *s)
{
	return digest_is_sum(s) && !digest_is_512(s);
}

const char *digest_algorithm(const char *hex)
{
	return digest_is_512(hex) ? "sha512" : "sha256";
}

const char *digest_digits(const char *text)
{
	const char *colon = strchr(text, ':'), *name;

	if (!colon || !digest_is_sum(colon + 1))
		return NULL;
	name = digest_algorithm(colon + 1);
	return (size_t)(colon - text) == strlen(name) && strncmp(text, name, strlen(name)) == 0
		       ? colon + 1
		       : NULL;
}

const char *digest_parse(const char *text, const char *what, struct err *e)
{
	const char *hex = text ? digest_digits(text) : NULL;

	if (!hex)
		(void)err_set(e, 0, "%s: not a sha256 or sha512 digest: %s", what,
			text ? text : "(none)");
	return hex;
}

void digest_check_init(struct digest_check *c, const char *want, const char *what)
{
	*c = (struct digest_check){ .want = want, .what = what };
	digest_init(&c->sum);
	c->sum.is_512 = want && digest_is_512(want);
	if (c->sum.is_512)
		sha512_init(&c->sum.sha512);
}

int digest_check_end(struct digest_check *c, struct err *e)
{
	digest_hex(&c->sum, c->hex);
	if (c->want && strcmp(c->want, c->hex) != 0)
		return err_set(e, 0, "%s: digest mismatch: want %s:%s, have %s:%s", c->what,
			digest_algorithm(c->want), c->want, digest_algorithm(c->hex), c->hex);
	return 0;
}

int digest_check_of(const void *data, size_t len, const char *want, const char *what, struct err *e)
{
	struct digest_check c;

	digest_check_init(&c, want, what);
	digest_add(&c.sum, data, len);
	return digest_check_end(&c, e);
}

static ssize_t digest_stream_next(struct stream *stream, const void **buf, struct err *e)
{
	struct digest_stream *s = (struct digest_stream *)stream;
	ssize_t n;

	s->from->place = stream->place;
	n = stream_next(s->from, buf, e);
	if (n > 0)
		digest_add(&s->check.sum, *buf, (size_t)n);
	return n == 0 ? digest_check_end(&s->check, e) : n;
}

void digest_stream_init(
	struct digest_stream *s, struct stream *from, const char *want, const char *what)
{
	*s = (struct digest_stream){ .stream = { .next = digest_stream_next }, .from = from };
	digest_check_init(&s->check, want, what);
}
