/*
 * tables: what is known of the inodes that were made: of the tree, or of one layer until it is
 * merged into the tree.  Each has one owner, and only the owner's thread writes to it.
 */
#ifndef UNPACK_TABLES_H
#define UNPACK_TABLES_H

#include "unpack/contents.h"
#include "unpack/inodes.h"
#include "unpack/work.h"

struct tables {
	unsigned layer;	  /* whose they are, from 1 on; 0: the tree's */
	unsigned n_trash; /* what was moved to trash/ */
	struct inodes inodes;
	struct contents contents;
	struct unpack_stats stats;
	uint64_t written, checked; /* see reserve_check */
	bool no_xattrs;		   /* the file system has none: reported once */
};

/* What from has becomes to's; from is empty then. */
void tables_move(struct tables *to, struct tables *from);
void tables_done(struct tables *t);

#endif
