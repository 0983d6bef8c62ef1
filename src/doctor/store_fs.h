/*
 * store_fs: what a file system offers to a store that lies on it.
 */
#ifndef DOCTOR_STORE_FS_H
#define DOCTOR_STORE_FS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

/* An err without a message: it works. */
struct store_fs {
	char type[32]; /* "ext4", as the list of mounts has it */
	uint64_t free; /* bytes that the caller may use */
	bool noexec, nosuid;
	struct err write, locks, xattrs;
};

/*
 * Try them in the directory dir, with a file that has no name (or, where the file system knows none
 * such, one that loses it at once).  h->write.msg where an image cannot be unpacked here.
 */
void store_fs_check(int dir, struct store_fs *h);

/*
 * A directory on the file system of dir that holds no mounts, such as an image's, which could not
 * be told from a part of it that is mounted: dir itself, or one in it.  Returns a descriptor to be
 * closed, or -1 with errno.
 */
int store_fs_unmounted(int dir);

#endif
