/*
 * tree: all that is in a tree, in the same order each time: the entries of a directory by name,
 * those of the root first, a directory always before what is in it.
 */
#ifndef UTIL_TREE_H
#define UTIL_TREE_H

#include <stdint.h>
#include <sys/stat.h>

#include "util/err.h"

struct tree_entry {
	const char *path;   /* from the root of the tree; "" is the root itself */
	int dir;	    /* the directory that it is in */
	const char *parent; /* path of dir, one pointer for all entries of it; NULL for the root */
	const char *name;   /* "." for the root */
	struct stat st;
};

/* Calls fn for each; stops where it returns other than 0, and returns that.  -1 with e. */
int tree_walk(int root, int (*fn)(const struct tree_entry *w, void *arg, struct err *e), void *arg,
	struct err *e);

/* Bytes on the disk of parent/name and all below it, as far as it can be read. */
uint64_t tree_usage(int parent, const char *name);

#endif
