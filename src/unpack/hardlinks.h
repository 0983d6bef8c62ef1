/*
 * hardlinks: hard links whose target the layer does not have, or has only later.
 */
#pragma once

#include "unpack/stage.h"

/* Set a hard link aside, in whose place inode ino is. */
void hardlinks_add(struct stage *s, const char *path, const char *target, uint64_t ino);

/*
 * At the end of the layer, resolve those that wait: what lower layers have comes first, as it was
 * there when the link came; then what the layer had later.
 */
int hardlinks_resolve(struct stage *s, struct err *e);

/* The last resort, after the merge: targets that only the merged tree leads to.  A link that still
 * waits then is an error. */
int hardlinks_in_tree(struct stage *s, struct err *e);
