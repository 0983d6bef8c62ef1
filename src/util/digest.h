/*
 * digest: SHA-256 sums, their text, and a stream that checks itself against one.
 * The only user of the crypto library.
 */
#ifndef UTIL_DIGEST_H
#define UTIL_DIGEST_H

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

/* The digits within "sha256:HEX", or NULL with e where the text is anything else (another algorithm
 * is named). */
const char *digest_parse(const char *text, const char *what, struct err *e);

/* The sum of what is read piece by piece, and what it has to be. */
struct digest_check {
	struct digest sum;
	const char *want, *what;
	char hex[DIGEST_HEX + 1]; /* once digest_check_end was called */
};

/* want: DIGEST_HEX digits, or NULL: any will do; what names the object in the error.  Both are
 * borrowed. */
void digest_check_init(struct digest_check *c, const char *want, const char *what);
void digest_check_add(struct digest_check *c, const void *data, size_t len);

/* The end, which is an error unless the sum is what it has to be.  Returns 0, or -1 with e. */
int digest_check_end(struct digest_check *c, struct err *e);

/* A stream that passes on what from gives, and checks it. */
struct digest_stream {
	struct stream stream, *from;
	struct digest_check check;
};

void digest_stream_init(
	struct digest_stream *s, struct stream *from, const char *want, const char *what);

#endif
