/*
 * magic: names the format of a file that is not a tar, by its first bytes.
 */
#pragma once

#include <stddef.h>

#include "util/err.h"

#define MAGIC_BYTES (66u << 10) /* the formats known here are within this many first bytes */

/*
 * Set e to "it is a zip archive, not a tar" and a hint, by the first len bytes of a file, or to "it
 * is not a tar" if the format is unknown.  Returns -1.
 */
int magic_error(const void *head, size_t len, struct err *e);

/* The same if the format is known; else leave e alone and return 0. */
int magic_check(const void *head, size_t len, struct err *e);
