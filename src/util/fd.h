/*
 * fd: descriptors that close themselves, and whole reads and writes.
 */
#ifndef UTIL_FD_H
#define UTIL_FD_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

struct err;

void fd_closep(int *fd); /* closes *fd if >= 0; keeps errno */
void dir_closep(DIR **d);
void file_closep(FILE **f);
static inline void ptr_freep(void *p)
{
	free(*(void **)p);
}

#define auto_fd __attribute__((cleanup(fd_closep))) int
#define auto_dir __attribute__((cleanup(dir_closep))) DIR *
#define auto_file __attribute__((cleanup(file_closep))) FILE *
#define auto_free __attribute__((cleanup(ptr_freep)))

/* Hand the descriptor over: returns *fd and leaves -1 behind. */
int fd_take(int *fd);

/* Read until len bytes or the end of the file; EINTR is retried.  Returns the count, -1 with errno.
 */
ssize_t fd_read_full(int fd, void *buf, size_t len);

/* Write all of it; EINTR is retried.  Returns 0, or -1 with errno. */
int fd_write_full(int fd, const void *buf, size_t len);

/*
 * The whole of a file, NUL-terminated beyond its end, in a malloc'd buffer that the caller frees.
 * Fails (EFBIG) where it holds more than max bytes.  *ret_len, which may be NULL, gets the length.
 * Returns NULL with errno.
 */
char *fd_read_all(int fd, size_t max, size_t *ret_len);

/*
 * Copy all of in, a file at its beginning, to out, an empty one: shared until one of the two is
 * changed where the file system can do that (a reflink).  Returns 0, or -1 with errno.
 */
int fd_copy(int in, int out);

/*
 * Write len bytes to dirfd/name so that a reader sees the old file or the new one, never a part: a
 * temporary file beside it, then rename.  Mode is exact, whatever the umask. Returns 0, or -1 with
 * errno; the temporary file is gone on failure.
 */
#define FD_TEMPORARY ".tmp-" /* how names of files begin that are not yet in place */
int fd_replace_file(int dirfd, const char *name, const void *data, size_t len, mode_t mode);

/* Close every descriptor from first on, but the n in keep.  close_range(2), or /proc/self/fd. */
void fd_close_from(int first, const int *keep, size_t n);

/*
 * Open what is closed of 0, 1 and 2 on /dev/null, so that no file opened later takes their place.
 * main() calls it before anything else.  Returns 0, or -1 with errno.
 */
int fd_fill_std(void);

/* /dev/null or, where there is none, what acts like it or like a closed pipe: an empty file that
 * nothing can be added to.  -1 with errno. */
int fd_open_nothing(int flags);

#endif
