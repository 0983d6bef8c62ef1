/*
 * tables: what is known of the inodes that were made: of the tree, or of one layer until it is
 * merged into the tree.  Each has one owner, and only the owner's thread writes to it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "unpack/contents.h"
#include "unpack/inodes.h"
#include "unpack/work.h"

/*
 * What cannot be set on an inode yet: mode and time of a directory, an owner.  Nothing that has a
 * record is deleted before the end, so no number is reused.
 */
struct inode_meta {
	uint64_t ino;
	bool is_dir; /* an explicit directory: mode and mtime are to be set */
	bool has_mtime;
	bool applied;
	char device; /* 'c', 'b' or 0 */
	mode_t mode;
	struct timespec mtime;
	uint32_t uid, gid;
	uint32_t major, minor;
	size_t waiting; /* an empty file in place of a hard link: 1 + which link of its stage; else 0 */
};

struct tables {
	unsigned layer;		/* whose they are, from 1 on; 0: the tree's */
	unsigned n_trash;	/* what was moved to trash/ */
	struct inodes inodes;	/* of struct inode_meta */
	struct inodes contents; /* contents.c's */
	struct unpack_stats stats;
	uint64_t written, checked; /* see reserve_check */
	bool no_xattrs;		   /* the file system has none: reported once */
};

/* The record of ino, or NULL; the same, and a new one where there is none.  Valid until the next new
 * one. */
struct inode_meta *tables_get(const struct tables *t, uint64_t ino);
struct inode_meta *tables_put(struct tables *t, uint64_t ino);

/* What from has becomes to's; from is empty then. */
void tables_move(struct tables *to, struct tables *from);
void tables_done(struct tables *t);
