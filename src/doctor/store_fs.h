/* store_fs: what the file system of a store can do. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

/* An err without a message: it works. */
struct store_fs {
	char type[32]; /* "ext4", as the list of mounts has it */
	uint64_t free; /* bytes that the caller may use */
	bool noexec, nosuid;
	bool squashed; /* files of root belong to another user: NFS with root_squash */
	struct err write, locks, xattrs;
};

/*
 * Try it in the directory dir, with a file without a name (or, if the file system has no such
 * files, one that is unlinked at once).  h->write.msg is set if no image can be unpacked here.
 */
void store_fs_check(int dir, struct store_fs *h);

/*
 * A directory on the file system of dir that holds no mounts, so that it can serve as an image: dir
 * itself, or one in it.  Returns a descriptor that the caller closes, or -1 with errno.
 */
int store_fs_unmounted(int dir);
