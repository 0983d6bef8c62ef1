/*
 * xattr: all extended attributes of a file.
 */
#pragma once

#include <stdbool.h>

#include "util/err.h"

/* Must an image not set this attribute? */
bool xattr_is_refused(const char *name);

/* Remove all that can be removed. */
void xattr_clear(int fd);

/* Replace the attributes of to by those of from.  Returns 0, or -1 with e. */
int xattr_copy(int from, int to, struct err *e);
