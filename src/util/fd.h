/*
 * fd: descriptors that close themselves, and whole reads and writes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

struct err;

void fd_closep(int *fd); /* closes *fd if >= 0; keeps errno */
void file_closep(FILE **f);
static inline void ptr_freep(void *p)
{
	free(*(void **)p);
}

#define auto_fd __attribute__((cleanup(fd_closep))) int
#define auto_file __attribute__((cleanup(file_closep))) FILE *
#define auto_free __attribute__((cleanup(ptr_freep)))

/* Move the descriptor out: returns *fd and sets it to -1. */
int fd_take(int *fd);

/* Read len bytes, or up to the end of the file; retries EINTR.  Returns the count, or -1 with
 * errno. */
ssize_t fd_read_full(int fd, void *buf, size_t len);

/* Write all of it; retries EINTR.  Returns 0, or -1 with errno. */
int fd_write_full(int fd, const void *buf, size_t len);

/*
 * Read a whole file into a malloc'd buffer that the caller frees.  A NUL follows the last byte.
 * *ret_len gets the length; it may be NULL.  Returns NULL with errno: EFBIG if there are more than
 * max bytes.
 */
char *fd_read_all(int fd, size_t max, size_t *ret_len);

/*
 * Copy file in, which stands at its beginning, to the empty file out: by a reflink if the file
 * system has them.  Returns 0, or -1 with errno.
 */
int fd_copy(int in, int out);

/*
 * Write len bytes to dirfd/name by a temporary file and a rename, so that a reader sees either the
 * old file or the whole new one.  The umask does not change mode.  Returns 0, or -1 with errno; a
 * failure leaves no temporary file.
 */
#define FD_TEMPORARY ".tmp-" /* the temporary file's name begins like this */
#define FD_TEMPORARY_SIZE 80
int fd_replace_file(int dirfd, const char *name, const void *data, size_t len, mode_t mode);

/*
 * The same in two steps, for what is written in between: make the temporary file, for writing; then give it
 * its name, or, if *fd is -1 by now, since something failed, remove it.  The second closes *fd.  Return a
 * descriptor and 0, or -1 with errno.
 */
int fd_create_temporary(int dirfd, char name[FD_TEMPORARY_SIZE]);
int fd_replace_by(int dirfd, const char *temporary, int *fd, const char *name, mode_t mode);

/* Close every descriptor from first on, except the n in keep, which need not be sorted. */
void fd_close_from(int first, const int *keep, size_t n);

/* Close those from first on that an exec would hand on: what the caller of this program had open. */
void fd_close_inherited(int first);

/*
 * Open those of 0, 1 and 2 that are closed on /dev/null: otherwise the next file that is opened
 * would become a standard stream.  Writing to standard output still fails, as the caller would expect.
 * Returns 0, or -1 with errno.
 */
int fd_fill_std(void);

/* Open /dev/null.  If it is missing: an empty file in memory that refuses writes.  -1 with
 * errno. */
int fd_open_nothing(int flags);
