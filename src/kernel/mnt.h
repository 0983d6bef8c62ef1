/*
 * mnt: one mount onto one descriptor.  The only place that chooses between the mount calls of
 * Linux 5.2 and mount(2).  It knows nothing of plans.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

/*
 * Where to mount: fd is the target, opened and checked by the caller (O_PATH).  (rootfd, path)
 * names it as well: kernels before 5.2 look it up again to get at the new mount.  Nothing of the
 * image runs yet, so that both are the same.  path NULL: the target is one of the host's, known by
 * fd alone.
 */
struct mnt_at {
	int fd;
	int rootfd;
	const char *path;
};

/*
 * Mount a new file system of the type, options as "key=value,flag" or NULL, attr as MOUNT_ATTR_*.
 * Returns a descriptor of its root directory (O_PATH or better), or -1 with e; e->code is the
 * errno.
 */
int mnt_new(const char *type, const char *options, uint64_t attr, const struct mnt_at *at,
	struct err *e);

/*
 * Bind what src is open on, with what is mounted below it if recursive.  attr is added to all of it
 * before it is visible, or, on kernels before 5.12, after.  src must have been opened in the
 * current mount namespace, mount_namespaces(7). Returns a descriptor of what is mounted, or -1 with
 * e; e->code is the errno.
 */
int mnt_bind(int src, bool recursive, uint64_t attr, const struct mnt_at *at, struct err *e);

/* Both onto name in directory dirfd, which is there and no link. */
int mnt_new_on(int dirfd, const char *name, const char *type, const char *options, uint64_t attr,
	struct err *e);
int mnt_bind_on(int dirfd, const char *name, int src, bool recursive, uint64_t attr, struct err *e);

/* Add attr to the mount whose root fd is.  Returns 0, or -1 with errno. */
int mnt_set(int fd, bool recursive, uint64_t attr);
