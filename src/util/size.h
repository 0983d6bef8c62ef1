/*
 * size: a number of bytes as text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

/*
 * Read "500", "64k", "64KB", "1.5g" or "2GiB" (powers of 1024, in any case) as bytes.  Returns
 * false for other text, and for 2^63 or more.
 */
bool size_parse(const char *text, uint64_t *ret);

/* The same for the value of option what, which must be at least least.  Returns 0, or -1 with e. */
int size_read(const char *what, const char *text, uint64_t least, uint64_t *ret, struct err *e);

/* "12.3 MB": powers of 1000, as in `docker images`.  Returns buf. */
char *size_text(char *buf, size_t size, uint64_t bytes);
