/*
 * finish: what is set on a tree when all of it is there.
 */
#pragma once

#include "unpack/tables.h"
#include "unpack/work.h"

/* Set what was put off: modes and times of directories; write `owners` and, where the request asks
 * for it, `contents`.  Returns 0, or -1 with e. */
int finish_tree(const struct work *w, struct tables *t, struct err *e);
