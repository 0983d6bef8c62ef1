/*
 * owned: the tree of an image with the owners that its layers recorded.
 *
 * rootfs/ belongs to the caller alone, whoever owned its files in the layers.  Where the caller has
 * subordinate ids, a second tree beside it has the true owners: files of root are the same, by hard
 * links, all others are copies.  It is made, and removed, by a process that has those ids, that is
 * in a user namespace.
 */
#ifndef STORE_OWNED_TREE_H
#define STORE_OWNED_TREE_H

#include <stdbool.h>

#include "util/err.h"

#define OWNED_TREE_PREFIX "rootfs-" /* of the names of such trees in an image's folder */

/*
 * Make the tree name in the image's folder, whole or not at all.  To be called by root of a
 * namespace that has the ids, one process at a time.  Returns 0, or -1 with e.
 */
int owned_tree_make(int image, const char *name, struct err *e);

/* Does the image's folder have such a tree, or a part of one? */
bool owned_tree_is_there(int image);

/* Remove all of them, in a namespace that has the ids.  Returns 0, or -1 with e. */
int owned_tree_remove(int image, struct err *e);

#endif
