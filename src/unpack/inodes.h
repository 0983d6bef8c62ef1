/*
 * inodes: records by inode number, since a tree keeps those while it is renamed.  A record is of
 * any type whose first member is the number, a uint64_t; its size is the same in all calls.
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
/* The same; a new record, all zeros but its number, where there is none. */
void *inodes_put(struct inodes *t, uint64_t ino, size_t size);
void *inodes_at(const struct inodes *t, size_t i, size_t size);

/* The records of from for which keep (NULL: all) is true become those of to, in place of what it has
 * of the same inodes; from is empty then. */
void inodes_move(struct inodes *to, struct inodes *from, size_t size, bool (*keep)(const void *));
void inodes_done(struct inodes *t);
