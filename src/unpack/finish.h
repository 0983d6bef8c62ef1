/*
 * finish: what is set on a tree when all of it is there.
 */
#ifndef UNPACK_FINISH_H
#define UNPACK_FINISH_H

#include "unpack/unpack.h"

/* Set what was put off: modes and times of directories; writes `owners` and, where wanted,
 * `contents`.  Returns 0, or -1 with e. */
int finish_tree(struct unpack *u, struct err *e);

#endif
