/* meta: the extended attributes of an entry, and the record of its owner. */
#pragma once

#include "unpack/entry.h"
#include "unpack/tables.h"

/*
 * Set the entry's extended attributes on fd.  Those that the kernel or the file system refuses are
 * counted, and are no error.  Returns 0, or -1 with e.
 */
int meta_xattrs(struct tables *t, int fd, const struct entry *n, struct err *e);

/*
 * Record the owner and the device numbers of the entry whose inode is ino, unless it is plainly
 * root's.
 */
void meta_owner(struct tables *t, uint64_t ino, const struct entry *n);
