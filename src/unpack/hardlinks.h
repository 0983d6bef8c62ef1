/* hardlinks: hard links that wait for their target. */
#pragma once

#include "unpack/stage.h"

/* Set a hard link aside; ino is the inode of its placeholder. */
void hardlinks_add(struct stage *s, const char *path, const char *target, uint64_t ino);

/*
 * At the end of the layer, find the targets: first in the lower layers, which had it when the link
 * came, then in what came later in the layer.  Returns 0, or -1 with e.
 */
int hardlinks_resolve(struct stage *s, struct err *e);

/*
 * After the merge, find targets through the merged tree.  A link that still waits is an error.
 * Returns 0, or -1 with e.
 */
int hardlinks_in_tree(struct stage *s, struct err *e);
