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

/*
 * A stream that passes on what from gives, summing it.  Where want (DIGEST_HEX digits, borrowed) is
 * not NULL, the end of the stream is an error unless the sum is that.  hex holds the sum once the
 * end was seen.
 */
struct digest_stream {
	struct stream stream;
	struct stream *from;
	struct digest sum;
	const char *want, *what; /* what: names the object in the error, borrowed */
	unsigned long long bytes;
	char hex[DIGEST_HEX + 1];
};

void digest_stream_init(
	struct digest_stream *s, struct stream *from, const char *want, const char *what);

#endif
