/* merge: moves what a layer staged into the tree. */
#pragma once

#include "unpack/stage.h"

/* Rename it into place, directory by directory.  Returns 0, or -1 with e. */
int merge_stage(struct stage *s, struct err *e);
