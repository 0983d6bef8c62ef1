/*
 * owned_tree: the tree of an image with the owners that its layers recorded.
 *
 * All of rootfs/ belongs to the caller, whatever the layers say.  If the caller has subordinate ids,
 * a second tree beside it has the recorded owners: root's files are hard links to those of rootfs/,
 * all others are copies.  A process in a user namespace with those ids makes and removes it.
 */
#pragma once

#include <stdbool.h>

#include "util/err.h"

#define OWNED_TREE_PREFIX "rootfs-" /* of the names of such trees in an image's folder */

/*
 * Make the tree name in the image's folder, whole or not at all.  The caller is root of a namespace
 * that has the ids, and the only process that does this.  Returns 0, or -1 with e.
 */
int owned_tree_make(int image, const char *name, struct err *e);

/* Is there such a tree, or a part of one, in the image's folder? */
bool owned_tree_is_there(int image);

/* Remove all of them.  The caller is in a namespace that has the ids.  Returns 0, or -1 with e. */
int owned_tree_remove(int image, struct err *e);
