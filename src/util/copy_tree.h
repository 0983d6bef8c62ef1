/*
 * copy_tree: what a directory holds, into another directory.
 */
#ifndef UTIL_COPY_TREE_H
#define UTIL_COPY_TREE_H

#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

/* Whom the entries of the copy are to belong to. */
struct copy_owners {
	void (*of)(void *arg, const char *path, uid_t *ret_uid, gid_t *ret_gid);
	void *arg;
};

/*
 * Copy what directory from holds into directory to, which is empty: directories, files, links,
 * fifos and sockets, and the directory itself, with their owners, modes, times and attributes;
 * names of one file stay names of one file.  Follows no link; devices are passed over.  Data is
 * shared where the file system can do that.  max is how many bytes of files there may be, 0 for any
 * number.
 *
 * Without owners, an entry keeps its owner, or is the caller's where that owner cannot be set.  With
 * owners, each gets the one that they say, or it is an error; files of root are the same in both
 * trees, by a hard link, where the file system can do that.
 *
 * Returns 0, or -1 with e: EFBIG where there are more bytes, EINTR where a signal is waiting that
 * would end the caller, EINVAL where an owner has no number here.  What was copied so far stays.
 */
int copy_tree(int from, int to, uint64_t max, const struct copy_owners *owners, struct err *e);

#endif
