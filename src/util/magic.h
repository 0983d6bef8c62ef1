/*
 * magic: what a file is that is not a tar, by its first bytes.
 */
#ifndef UTIL_MAGIC_H
#define UTIL_MAGIC_H

#include <stddef.h>

#include "util/err.h"

#define MAGIC_BYTES (66u << 10) /* as many first bytes tell all that is known here */

/*
 * Set e to "it is a zip archive, not a tar", with a hint of what to do, where the first len bytes of
 * a file tell what it is, else to "it is not a tar".  Returns -1.
 */
int magic_error(const void *head, size_t len, struct err *e);

/* The same where they tell what it is; else leave e alone and return 0. */
int magic_check(const void *head, size_t len, struct err *e);

#endif
