/*
 * xattr: all extended attributes of a file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

/* Must an image not set this attribute? */
bool xattr_is_refused(const char *name);

/*
 * An access control list that names users or groups has ids of the image, and on the host these
 * would let in whoever has them there.  It is kept under this prefix, for those who have the
 * image's ids.
 */
#define XATTR_KEPT "user.sandbox."

/* Is it such a list?  acl(5) */
bool xattr_names_ids(const char *name, const void *value, size_t size);

/* Turn kept lists into real ones, as far as the caller's user namespace has their ids. */
void xattr_restore(int fd);

/* Remove all that can be removed. */
void xattr_clear(int fd);

/* Replace the attributes of to by those of from, but for lists whose ids the caller's user namespace
 * does not have.  Returns 0, or -1 with e. */
int xattr_copy(int from, int to, struct err *e);
