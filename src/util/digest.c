/*
 * digest: SHA-256 over the crypto library, which picks the CPU's own instructions at run time.
 * Touches nothing but memory.
 */
#include "util/digest.h"

#include <string.h>

void digest_init(struct digest *d)
{
	sha256_init(&d->ctx);
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	sha256_update(&d->ctx, len, data);
}

void digest_hex(struct digest *d, char out[DIGEST_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[SHA256_DIGEST_SIZE];

	sha256_digest(&d->ctx, sizeof(sum), sum);
	for (size_t i = 0; i < sizeof(sum); i++) {
		out[2 * i] = digits[sum[i] >> 4];
		out[2 * i + 1] = digits[sum[i] & 15];
	}
	out[DIGEST_HEX] = '\0';
}

void digest_of(const void *data, size_t len, char out[DIGEST_HEX + 1])
{
	struct digest d;

	digest_init(&d);
	digest_add(&d, data, len);
	digest_hex(&d, out);
}

bool digest_is_hex(const char *s)
{
	return strspn(s, "0123456789abcdef") == DIGEST_HEX && s[DIGEST_HEX] == '\0';
}

const char *digest_parse(const char *text, const char *what, struct err *e)
{
	if (text && strncmp(text, "sha256:", 7) == 0 && digest_is_hex(text + 7))
		return text + 7;
	(void)err_set(e, 0, "%s: not a sha256 digest: %s", what, text ? text : "(none)");
	return NULL;
}

void digest_check_init(struct digest_check *c, const char *want, const char *what)
{
	*c = (struct digest_check){ .want = want, .what = what };
	digest_init(&c->sum);
}

int digest_check_end(struct digest_check *c, struct err *e)
{
	digest_hex(&c->sum, c->hex);
	if (c->want && strcmp(c->want, c->hex) != 0)
		return err_set(e, 0, "%s: digest mismatch: want sha256:%s, have sha256:%s", c->what,
			c->want, c->hex);
	return 0;
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
