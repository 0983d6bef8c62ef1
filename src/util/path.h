/*
 * path: opens names below a directory descriptor, and nothing outside it. Every path that an image
 * or an option may influence is opened here: by openat2(2) (Linux 5.6), or else component by
 * component with O_NOFOLLOW.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "util/path_max.h"

/*
 * Clean a name lexically into out (size bytes): without a leading '/', '.', empty components, and
 * without '..' and the component before it.  The root gives "".  Returns 0, or -1 with errno: EXDEV
 * if '..' would leave the root, ENAMETOOLONG if a component or the whole is too long.
 */
int path_clean(const char *in, char *out, size_t size);

/* The same for a path in a root directory, where '..' of the root is the root itself, as in the kernel. */
int path_clean_in_root(const char *in, char *out, size_t size);

/* Split a cleaned name: *ret_name points to its last component.  Returns the length of the
 * parent, 0 for the root. */
size_t path_split(const char *path, const char **ret_name);

/*
 * Open path below dirfd without following any symlink: for trees that sandbox itself made.  flags
 * as in open(2), and O_CLOEXEC.  Returns a descriptor, or -1 with errno: ELOOP if there is a
 * symlink.
 */
int path_open_beneath(int dirfd, const char *path, int flags, mode_t mode);

/*
 * Read a small file below dirfd by path_open_beneath and fd_read_all into a malloc'd buffer that
 * the caller frees.  Never waits for a fifo.  Returns NULL with errno.
 */
char *path_read_beneath(int dirfd, const char *path, size_t max, size_t *ret_len);

/*
 * Open path with rootfd as the root of absolute symlinks and '..'; magic links are refused.  For
 * trees whose symlinks come from an image.  Returns a descriptor, or -1 with errno.
 */
int path_open_in_root(int rootfd, const char *path, int flags, mode_t mode);

/*
 * Like path_open_in_root for a directory, but make missing directories with mode, whatever the
 * umask; also the target of a dangling symlink, inside.  Returns an O_PATH|O_DIRECTORY descriptor,
 * or -1 with errno: ENOTDIR if a component is another kind of file.
 */
int path_mkdirs_in_root(int rootfd, const char *path, mode_t mode);

/*
 * Make a directory that only its owner may use, with the caller's group and without an ACL: a folder
 * that is setgid or has a default ACL hands these down to all that is made below.  Returns a
 * descriptor, or -1 with errno.
 */
int path_make_own(int dirfd, const char *name);

/*
 * Make an empty file, unless there is one, and its missing directories with dir_mode; also the
 * target of a dangling symlink, inside.  Returns a descriptor, or -1 with errno.
 */
int path_create_in_root(int rootfd, const char *path, mode_t mode, mode_t dir_mode);

/*
 * Remove dirfd/name and everything below it, whatever the modes, without following a symlink or
 * crossing a mount point.  A missing name is a success.  Returns 0, or -1 with errno of the first
 * failure, after trying the rest.
 */
int path_remove_tree(int dirfd, const char *name);

/* Does the name exist, also as a dangling link? faccessat(2) can check that since Linux 5.8
 * only. */
bool path_is_there(int dirfd, const char *name);

/* Does the name stand for the file that fd is open on? */
bool path_is_at(int fd, int dirfd, const char *name);

/*
 * Will a change from now on show in st's times? A file or folder that has just changed may change
 * again within the clock's resolution.
 */
bool path_is_settled(const struct stat *st);

/* /proc/self/fd/N, for system calls that take no descriptor.  buf has at least 32 bytes. */
char *path_of_fd(char *buf, size_t size, int fd);
