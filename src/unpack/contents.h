/*
 * contents: what was unpacked, entry by entry, for who wants to know later whether it is still so.
 *
 * The file `contents` has a record for each entry of the tree, with a NUL behind:
 *	TYPE MODE SIZE TIME SUM PATH
 * all but the path in hex digits; TYPE is a letter: f file, d directory, l symlink, o other.  SIZE
 * and SUM (util/sum.h) are of a file's contents or a link's target, TIME is in nanoseconds; for
 * directories they are 0, since what changes them is seen by itself.  Records are in no order.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "unpack/inodes.h"
#include "util/err.h"

struct content {
	char type;
	mode_t mode;
	uint64_t size;
	uint64_t time; /* modulo 2^64 */
	uint64_t sum;
};

/*
 * Files that have been written, by inode number, until their names are known for good.  fd is open
 * on one whose time has been set; its status may be known already.
 */
int contents_put_fd(struct inodes *c, int fd, uint64_t sum, struct err *e);
void contents_put(struct inodes *c, const struct stat *st, uint64_t sum);

/* A file has lost its last name, and its inode number may be another's from now on. */
void contents_drop(struct inodes *c, uint64_t ino);

/* What from has becomes to's, in place of what that has of the same inodes; from is empty then. */
void contents_move(struct inodes *to, struct inodes *from);

/* What it is by itself: of a file all but the sum.  fd and name as for fstatat(2). */
int contents_of(struct content *c, int fd, const char *name, const struct stat *st, struct err *e);

/* Write the record of an entry of a tree: for a file, as it was written.  Nobody else uses out
 * meanwhile.  Returns 0, or -1 with e. */
int contents_write(const struct inodes *c, FILE *out, int fd, const char *dir, const char *name,
	uint64_t ino, bool maybe_file, struct err *e);

/* Write one record; nobody else uses out meanwhile.  0, or -1 with errno. */
int contents_write_record(FILE *out, const struct content *c, const char *dir, const char *name);
