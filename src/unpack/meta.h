/*
 * meta: the extended attributes of an entry, and its owner, which is recorded.
 */
#pragma once

#include "unpack/entry.h"
#include "unpack/tables.h"

/* Set the entry's extended attributes on fd; what the kernel or the file system refuses is counted,
 * and is no error.  Returns 0, or -1 with e. */
int meta_xattrs(struct tables *t, int fd, const struct entry *n, struct err *e);

/* Record the owner (and the device numbers) of the entry whose inode is ino, where it is not plain
 * root's. */
void meta_owner(struct tables *t, uint64_t ino, const struct entry *n);
