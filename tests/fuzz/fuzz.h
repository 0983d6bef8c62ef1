/*
 * fuzz: what the fuzz targets share.
 * Included by each target; fuzz.c is linked into all of them.
 * Touches memory only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/err.h"
#include "util/stream.h"

/* Called by libFuzzer's main for each input.  Whatever the bytes are, it returns 0 or the input is
 * a find. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An invariant of the product: where it does not hold, the input is a find. */
#define fuzz_check(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond); \
			abort(); \
		} \
	} while (0)

/* After a failure: one line that says something, without a byte that a terminal would act on. */
void fuzz_check_err(const struct err *e);

/* The bytes as a malloc'd string; what follows a NUL in them is not seen by who reads it as one. */
char *fuzz_text(const uint8_t *data, size_t size);

/* The next piece of the input, up to the mark (or the end), taken off its front.  False at the end.
 */
struct fuzz_piece {
	const uint8_t *data;
	size_t size;
};
bool fuzz_next_piece(struct fuzz_piece *rest, const char *mark, struct fuzz_piece *ret);

/* Bytes in memory as a stream, in chunks of a chosen size. */
struct fuzz_stream {
	struct stream stream;
	const uint8_t *data;
	size_t left, chunk;
};
void fuzz_stream_init(struct fuzz_stream *s, const uint8_t *data, size_t size, size_t chunk);

/* How many descriptors are open: as many after as before, or one was leaked. */
int fuzz_open_fds(void);
