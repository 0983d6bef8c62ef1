/*
 * copy: a tree from one directory to another.
 */
#ifndef KERNEL_COPY_TREE_H
#define KERNEL_COPY_TREE_H

#include <stdint.h>

#include "util/err.h"

/*
 * Copy what directory from holds into directory to, which is empty: directories, files, links and
 * fifos, and the directory itself, with their owners, modes, times and attributes; names of one
 * file stay names of one file. Follows no link; other kinds are passed over.  Data is shared where
 * the file system can do that. max is how many bytes of files there may be, 0 for any number.
 * Returns 0, or -1 with e: EFBIG where there are more, EINTR where a signal is waiting that would
 * end the caller.  What was copied so far stays.
 */
int copy_tree(int from, int to, uint64_t max, struct err *e);

#endif
