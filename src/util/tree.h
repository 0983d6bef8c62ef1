/*
 * tree: visits every entry of a tree, always in the same order: the entries of a directory by name,
 * those of the root first, a directory before its contents.
 */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "util/err.h"

struct tree_entry {
	const char *path; /* from the root of the tree; "" is the root itself */
	int dir;	  /* the directory that holds it */
	const char
		*parent;  /* path of dir, the same pointer for all its entries; NULL for the root */
	const char *name; /* "." for the root */
	struct stat st;
};

/*
 * Call fn for each, until it returns other than 0.  What a procfs, a sysfs or a cgroup file system
 * that is mounted in the tree has below its root is left out.  Returns what fn returned, or -1 with
 * e.
 */
int tree_walk(int root, int (*fn)(const struct tree_entry *w, void *arg, struct err *e), void *arg,
	struct err *e);

/* The same, with what messages call the root; "": they say /PATH. */
int tree_walk_called(int root, const char *called,
	int (*fn)(const struct tree_entry *w, void *arg, struct err *e), void *arg, struct err *e);

/* Bytes on disk of parent/name and everything below it, as far as it can be read. */
uint64_t tree_usage(int parent, const char *name);
