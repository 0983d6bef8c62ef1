/*
 * meta: extended attributes and wanted owners of an entry.
 */
#ifndef UNPACK_META_H
#define UNPACK_META_H

#include "unpack/entry.h"
#include "unpack/unpack.h"

/* Set the entry's extended attributes on fd; what the kernel or the file system refuses is counted,
 * not an error. */
int meta_xattrs(struct unpack *u, int fd, const struct entry *n, struct err *e);

/* Remember the owner (and device numbers) of the entry whose inode is ino, where it is not plain
 * root. */
void meta_owner(struct unpack *u, uint64_t ino, const struct entry *n);

#endif
