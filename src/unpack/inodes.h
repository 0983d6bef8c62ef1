/*
 * inodes: records by inode number, which an inode keeps when it is renamed.  A record can be of any
 * type whose first member is the number, a uint64_t.  Its size must be the same in all calls.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/table.h"

/* Zero-initialise before first use. */
struct inodes {
	struct table table;
	void *records;
	size_t n;
};

/* The record of ino, or NULL.  Valid until the next inodes_put. */
void *inodes_get(const struct inodes *t, uint64_t ino, size_t size);
/* Likewise; if there is none, add one that is all zeros but its number. */
void *inodes_put(struct inodes *t, uint64_t ino, size_t size);
void *inodes_at(const struct inodes *t, size_t i, size_t size);

/*
 * Move the records of from for which keep returns true, or all if keep is NULL, to to.  They
 * replace those of the same inodes; from is empty afterwards.
 */
void inodes_move(struct inodes *to, struct inodes *from, size_t size, bool (*keep)(const void *));
void inodes_done(struct inodes *t);
