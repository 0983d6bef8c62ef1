/*
 * contents: the record of what was unpacked, entry by entry, to see later whether it has changed.
 *
 * The file `contents` has a record for each entry of the tree, ended by a NUL:
 *	TYPE MODE SIZE TIME SUM PATH
 * All but TYPE and PATH are hex digits.  TYPE is a letter: f file, d directory, l symlink, o
 * other.  SIZE and SUM (util/sum.h) are of a file's contents or a link's target, TIME is in
 * nanoseconds.  For directories all three are 0, since whatever changes a directory shows in its
 * entries.  The records are in no order.
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
 * Record a file that was written, by its inode number, until its final name is known: by its
 * descriptor, once its time is set, or by its status.
 */
int contents_put_fd(struct inodes *c, int fd, uint64_t sum, struct err *e);
void contents_put(struct inodes *c, const struct stat *st, uint64_t sum);

/* A file has lost its last name, so its inode number may be reused. */
void contents_drop(struct inodes *c, uint64_t ino);

/*
 * Move all records of from to to.  They replace those of the same inodes; from is empty afterwards.
 */
void contents_move(struct inodes *to, struct inodes *from);

/* Fill in everything but the sum of a file.  fd and name are as for fstatat(2). */
int contents_of(struct content *c, int fd, const char *name, const struct stat *st, struct err *e);

/*
 * Write the record of an entry of the tree; for a file, as it was written.  The caller serializes
 * the use of out.  Returns 0, or -1 with e.
 */
int contents_write(const struct inodes *c, FILE *out, int fd, const char *dir, const char *name,
	uint64_t ino, bool maybe_file, struct err *e);

/* Write one record, likewise.  Returns 0, or -1 with errno. */
int contents_write_record(FILE *out, const struct content *c, const char *dir, const char *name);
