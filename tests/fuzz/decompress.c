/*
 * fuzz target decompress: bytes through the decompressor.  What comes out does not depend on how
 * the input was cut into chunks.  The input's first byte chooses a chunk size.
 */
#include <string.h>

#include "fuzz.h"
#include "unpack/decompress.h"
#include "util/digest.h"
#include "util/fd.h"

#define OUTPUT_MAX (4u << 20) /* a bomb is not followed further than this */
#define MEMORY (2u << 20)

enum outcome { OUTCOME_WHOLE, OUTCOME_ERROR, OUTCOME_BOMB };

static enum outcome outcome_of(const uint8_t *data, size_t size, size_t chunk, char *ret_hex)
{
	struct fuzz_stream from;
	struct err e = { 0 };
	struct digest sum;
	const void *buf;
	size_t total = 0;
	ssize_t n;

	fuzz_stream_init(&from, data, size, chunk);
	auto_decompress d = decompress_new(&from.stream, "input", MEMORY, &e);
	fuzz_check(d);
	digest_init(&sum);
	while ((n = stream_next(decompress_stream(d), &buf, &e)) > 0) {
		digest_add(&sum, buf, (size_t)n);
		total += (size_t)n;
		if (total > OUTPUT_MAX)
			return OUTCOME_BOMB;
	}
	digest_hex(&sum, ret_hex);
	if (n < 0)
		fuzz_check_err(&e);
	if (decompress_kind(d) == COMPRESSION_NONE)
		fuzz_check(n == 0 && total == size);
	return n < 0 ? OUTCOME_ERROR : OUTCOME_WHOLE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char one[DIGEST_HEX + 1] = "", other[DIGEST_HEX + 1] = "";
	enum outcome whole, cut;

	if (size < 1)
		return 0;
	whole = outcome_of(data + 1, size - 1, SIZE_MAX, one);
	cut = outcome_of(data + 1, size - 1, 1 + data[0] % 16u, other);
	fuzz_check(whole == cut);
	fuzz_check(whole != OUTCOME_WHOLE || strcmp(one, other) == 0);
	return 0;
}
