/* finish: completes a tree once all layers are in. */
#pragma once

#include "unpack/tables.h"
#include "unpack/work.h"

/*
 * Set modes and times of directories, write `owners`, and `contents` if the request asks for it.
 * Returns 0, or -1 with e.
 */
int finish_tree(const struct work *w, struct tables *t, struct err *e);
