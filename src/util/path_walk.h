/*
 * path_walk: resolves a path component by component with O_NOFOLLOW. path.c uses it if openat2(2)
 * is missing, and on all kernels to make directories.  Other files include util/path.h;
 * tests/unit/path.c compares the walk with openat2(2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum path_walk_mode {
	PATH_WALK_BENEATH, /* RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS: follow no symlink */
	PATH_WALK_IN_ROOT, /* RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS: dirfd is the root */
};

/* Open path below dirfd, with flags and mode as in open(2).  Returns a descriptor, or -1 with
 * errno. */
int path_walk_open(enum path_walk_mode how, int dirfd, const char *path, int flags, mode_t mode);

/* path_create_in_root. */
int path_walk_create(int rootfd, const char *path, mode_t mode, mode_t dir_mode);

/* path_mkdirs_in_root without the shortcut for a directory that exists. */
int path_walk_mkdirs(int rootfd, const char *path, mode_t mode);
