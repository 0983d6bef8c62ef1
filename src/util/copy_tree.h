/*
 * copy_tree: copies the contents of a directory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

/* The owners that the copy gets. */
struct copy_owners {
	void (*of)(void *arg, const char *path, uid_t *ret_uid, gid_t *ret_gid);
	void *arg;
	bool loose;   /* an entry whose owner cannot be set belongs to the caller; see below */
	size_t *lost; /* gets how many owners are not mapped here */
};

/*
 * Copy the contents of directory from into the empty directory to: directories, files, links, fifos
 * and sockets, with their owners, modes, times and attributes, and those of from itself.  Names of
 * one file stay names of one file.  Follows no link; skips devices.  Shares data if the file system
 * supports that.  max is how many bytes of files there may be; 0: any number.
 *
 * Without owners, an entry keeps its owner, or belongs to the caller if that owner cannot be set.
 * With owners, each entry gets the owner that they name; one whose owner is not mapped here belongs
 * to root, and is neither setuid nor setgid.  Root's files become hard links to the originals if the
 * file system supports that, and other entries get the lists that xattr.h keeps.  With loose owners, nothing
 * becomes a link, and a file with another owner is neither setuid nor setgid.
 *
 * Returns 0, or -1 with e: EFBIG: there are more bytes; EINTR: a signal that would end the caller
 * is pending.  What was copied before stays.
 */
int copy_tree(int from, int to, uint64_t max, const struct copy_owners *owners, struct err *e);

/*
 * For directories that need not be empty: copy the contents of from into to, which keeps its own
 * attributes; or the entry name of from to the entry as of to.  What is in the way is replaced, and
 * directories are merged, but no directory takes the place of anything else, nor the other way
 * round.  An empty file stands for a device.  from and to may be O_PATH.  Returns 0, or -1 with e; then the directories made so far have their attributes, too.
 */
struct copy_task {
	const char *from, *to;		  /* what messages call the two ends */
	const struct copy_owners *owners; /* or NULL */
	bool guard;	/* write to no directory of the caller's that denies its owner to */
	size_t devices; /* gets how many became empty files */
};

int copy_tree_over(int from, int to, struct copy_task *t, struct err *e);
int copy_tree_one(
	int from, const char *name, int to, const char *as, struct copy_task *t, struct err *e);
