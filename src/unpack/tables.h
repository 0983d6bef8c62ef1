/*
 * tables: the records of the inodes of the tree, or of one layer until it is merged.  Each struct
 * tables has one owner, and only the owner's thread writes to it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "unpack/contents.h"
#include "unpack/inodes.h"
#include "unpack/work.h"

/*
 * What is set on an inode later, or only recorded: mode and time of a directory, an owner.  An
 * inode with a record is never deleted before the end, so its number is not reused.
 */
struct inode_meta {
	uint64_t ino;
	bool is_dir; /* the layer lists the directory: set mode and mtime */
	bool has_mtime;
	bool applied;
	char device; /* 'c', 'b' or 0 */
	mode_t mode;
	struct timespec mtime;
	uint32_t uid, gid;
	uint32_t major, minor;
	size_t waiting; /* the placeholder of a hard link: 1 + its index in the stage; else 0 */
};

struct tables {
	unsigned layer;		/* the layer, from 1 on; 0: the tree */
	unsigned n_trash;	/* number of entries moved to trash/ */
	struct inodes inodes;	/* of struct inode_meta */
	struct inodes contents; /* contents.c's */
	struct unpack_stats stats;
	uint64_t written, checked; /* see reserve_check */
	bool no_xattrs;		   /* the file system does not have any: reported once */
};

/*
 * The record of ino, or NULL; tables_put adds one if there is none.  Valid until the next one is
 * added.
 */
struct inode_meta *tables_get(const struct tables *t, uint64_t ino);
struct inode_meta *tables_put(struct tables *t, uint64_t ino);

/* Move everything of from to to; from is empty afterwards. */
void tables_move(struct tables *to, struct tables *from);
void tables_done(struct tables *t);
