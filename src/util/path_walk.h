/*
 * path walk: resolves a name component by component, each opened with O_NOFOLLOW.
 * What path.c falls back on where openat2(2) is missing, and what makes missing directories on any
 * kernel. Not for other files: use util/path.h.  tests/unit/path.c calls it to hold it to openat2's
 * answers.
 */
#ifndef UTIL_PATH_WALK_H
#define UTIL_PATH_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum path_walk_mode {
	PATH_WALK_BENEATH, /* through no symlink, never above dirfd: RESOLVE_BENEATH |
			      RESOLVE_NO_SYMLINKS */
	PATH_WALK_IN_ROOT, /* dirfd is the root of links and '..': RESOLVE_IN_ROOT |
			      RESOLVE_NO_MAGICLINKS */
};

/* Open path below dirfd as open(2) with flags and mode would.  Returns a descriptor, or -1 with
 * errno. */
int path_walk_open(enum path_walk_mode how, int dirfd, const char *path, int flags, mode_t mode);

/* path_mkdirs_in_root of util/path.h, without its short cut for what exists. */
int path_walk_mkdirs(int rootfd, const char *path, mode_t mode);

#endif
