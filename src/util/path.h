/*
 * path: names below a directory descriptor, and nothing outside it.
 * The only place that opens a path which an image or a user's flag had a say in.
 * openat2(2) where the kernel has it (5.6); a walk component by component with O_NOFOLLOW where
 * not.
 */
#ifndef UTIL_PATH_H
#define UTIL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "util/path_max.h"

/*
 * Clean a name lexically into out (size bytes): no leading '/', no '.', no empty component, '..'
 * taken off the component before it.  The root itself gives "".  Returns 0, or -1 with errno: EXDEV
 * where '..' would leave the root, ENAMETOOLONG where a component or the whole is too long.
 */
int path_clean(const char *in, char *out, size_t size);

/* Split a cleaned name: *ret_name points to its last component; returns the length of the parent, 0
 * for the root. */
size_t path_split(const char *path, const char **ret_name);

/*
 * Open path below dirfd, through no symlink at all and never out: for trees that sandbox itself
 * laid out. flags as open(2); O_CLOEXEC is added.  Returns a descriptor, or -1 with errno (ELOOP: a
 * symlink is in the way).
 */
int path_open_beneath(int dirfd, const char *path, int flags, mode_t mode);

/*
 * The whole of a small file below dirfd, as path_open_beneath and fd_read_all have it, in a malloc'd
 * buffer that the caller frees.  Never waits for a fifo.  Returns NULL with errno.
 */
char *path_read_beneath(int dirfd, const char *path, size_t max, size_t *ret_len);

/*
 * Open path with rootfd as its root: absolute links and '..' resolve inside, magic links are
 * refused. For trees whose symlinks an image made.  Returns a descriptor, or -1 with errno.
 */
int path_open_in_root(int rootfd, const char *path, int flags, mode_t mode);

/*
 * Like path_open_in_root for a directory, making what is missing of it (mode as given, exact
 * whatever the umask). A dangling symlink on the way has its target made, inside.  Returns an
 * O_PATH|O_DIRECTORY descriptor, or -1 with errno (ENOTDIR where something that is no directory
 * stands in the way).
 */
int path_mkdirs_in_root(int rootfd, const char *path, mode_t mode);

/*
 * Remove dirfd/name and all below it, whatever its modes, without following a symlink or crossing a
 * mount point. What is not there counts as removed.  Returns 0, or -1 with errno of the first
 * failure (it goes on with the rest).
 */
int path_remove_tree(int dirfd, const char *name);

/*
 * Is there such a name, whatever it is?  faccessat(2) cannot say that of a link before Linux 5.8.
 */
bool path_is_there(int dirfd, const char *name);

/* Is fd what has that name? */
bool path_is_at(int fd, int dirfd, const char *name);

/*
 * True where a change from now on will show in st's times.  A file or folder that was changed just
 * now may change again within the grain of the clock.
 */
bool path_is_settled(const struct stat *st);

/* /proc/self/fd/N as text, for calls that take no descriptor; buf of at least 32 bytes. */
char *path_of_fd(char *buf, size_t size, int fd);

#endif
