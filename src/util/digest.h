/*
 * digest: SHA-256 and SHA-512 sums, their text, and a stream that checks itself against one.
 * A sum is written as its hex digits: their number tells which of the two it is.
 * The only user of the crypto library.
 */
#pragma once

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/stream.h"

#define DIGEST_HEX 64	   /* hex digits of a SHA-256 */
#define DIGEST_HEX_MAX 128 /* ... of a SHA-512 */

struct digest {
	bool is_512;
	union {
		struct sha256_ctx sha256;
		struct sha512_ctx sha512;
	};
};

void digest_init(struct digest *d); /* SHA-256 */
void digest_add(struct digest *d, const void *data, size_t len);
/* Ends the sum and writes its digits and a NUL. */
void digest_hex(struct digest *d, char *out);

/* The digits of a buffer's SHA-256. */
void digest_of(const void *data, size_t len, char out[DIGEST_HEX + 1]);

/* True for DIGEST_HEX lower-case hex digits and nothing more. */
bool digest_is_hex(const char *s);

/* The same for DIGEST_HEX_MAX digits, too. */
bool digest_is_sum(const char *s);

/* "sha256" or "sha512". */
const char *digest_algorithm(const char *hex);

/* The digits within "sha256:HEX" or "sha512:HEX", or NULL for any other text. */
const char *digest_digits(const char *text);

/* The same, with e for any other text. */
const char *digest_parse(const char *text, const char *what, struct err *e);

/* A sum that is built piece by piece, and the expected value. */
struct digest_check {
	struct digest sum;
	const char *want, *what;
	char hex[DIGEST_HEX_MAX + 1]; /* set by digest_check_end */
};

/* want: the digits, or NULL to accept any SHA-256.  what names the object in the error.  Both
 * are borrowed.  The caller adds the data to c->sum. */
void digest_check_init(struct digest_check *c, const char *want, const char *what);

/* Set c->hex, and compare it with want.  Returns 0, or -1 with e. */
int digest_check_end(struct digest_check *c, struct err *e);

/* Compare the sum of a buffer with want.  Returns 0, or -1 with e. */
int digest_check_of(
	const void *data, size_t len, const char *want, const char *what, struct err *e);

/* A stream that passes on the data of from, and checks it at the end. */
struct digest_stream {
	struct stream stream, *from;
	struct digest_check check;
};

void digest_stream_init(
	struct digest_stream *s, struct stream *from, const char *want, const char *what);
