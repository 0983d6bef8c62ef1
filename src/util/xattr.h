/*
 * xattr: the extended attributes of a file, as a whole.
 */
#ifndef UTIL_XATTR_H
#define UTIL_XATTR_H

#include <stdbool.h>

#include "util/err.h"

/* Is it an attribute that an image has no say in? */
bool xattr_is_refused(const char *name);

/* Take all away that can be. */
void xattr_clear(int fd);

/* Make those of to the same as those of from.  Returns 0, or -1 with e. */
int xattr_copy(int from, int to, struct err *e);

#endif
