/*
 * merge: what a layer staged goes into the tree.
 */
#ifndef UNPACK_MERGE_H
#define UNPACK_MERGE_H

#include "unpack/stage.h"

/* Rename it into place, directory by directory.  Returns 0, or -1 with e. */
int merge_stage(struct stage *s, struct err *e);

#endif
