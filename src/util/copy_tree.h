/*
 * copy_tree: copies the contents of a directory.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

/* The owners that the copy gets. */
struct copy_owners {
	void (*of)(void *arg, const char *path, uid_t *ret_uid, gid_t *ret_gid);
	void *arg;
};

/*
 * Copy the contents of directory from into the empty directory to: directories, files, links, fifos
 * and sockets, with their owners, modes, times and attributes, and those of from itself.  Names of
 * one file stay names of one file.  Follows no link; skips devices.  Shares data if the file system
 * supports that.  max is how many bytes of files there may be; 0: any number.
 *
 * Without owners, an entry keeps its owner, or belongs to the caller if that owner cannot be set.
 * With owners, each entry gets the owner that they name, or it is an error; root's files become
 * hard links to the originals if the file system supports that.
 *
 * Returns 0, or -1 with e: EFBIG: there are more bytes; EINTR: a signal that would end the caller
 * is pending; EINVAL: an owner is not mapped here.  What was copied before stays.
 */
int copy_tree(int from, int to, uint64_t max, const struct copy_owners *owners, struct err *e);
