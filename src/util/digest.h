/*
 * digest: SHA-256 sums, their text, and a stream that checks itself against one.
 * The only user of the crypto library.
 */
#pragma once

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/stream.h"

#define DIGEST_HEX 64		     /* hex digits of a SHA-256 */
#define DIGEST_TEXT (7 + DIGEST_HEX) /* "sha256:" and the digits */

struct digest {
	struct sha256_ctx ctx;
};

void digest_init(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
/* Ends the sum and writes its DIGEST_HEX digits and a NUL. */
void digest_hex(struct digest *d, char out[DIGEST_HEX + 1]);

/* The digits of a buffer's sum. */
void digest_of(const void *data, size_t len, char out[DIGEST_HEX + 1]);

/* True for DIGEST_HEX lower-case hex digits and nothing more. */
bool digest_is_hex(const char *s);

/* The digits within "sha256:HEX", or NULL with e for any other text or algorithm. */
const char *digest_parse(const char *text, const char *what, struct err *e);

/* A sum that is built piece by piece, and the expected value. */
struct digest_check {
	struct digest sum;
	const char *want, *what;
	char hex[DIGEST_HEX + 1]; /* set by digest_check_end */
};

/* want: DIGEST_HEX digits, or NULL to accept any sum.  what names the object in the error.  Both
 * are borrowed.  The caller adds the data to c->sum. */
void digest_check_init(struct digest_check *c, const char *want, const char *what);

/* Set c->hex, and compare it with want.  Returns 0, or -1 with e. */
int digest_check_end(struct digest_check *c, struct err *e);

/* A stream that passes on the data of from, and checks it at the end. */
struct digest_stream {
	struct stream stream, *from;
	struct digest_check check;
};

void digest_stream_init(
	struct digest_stream *s, struct stream *from, const char *want, const char *what);
