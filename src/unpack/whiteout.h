/*
 * whiteout: what a layer removes from the layers below.
 */
#pragma once

#include "unpack/stage.h"

/* Note a whiteout; or hide path, as if there were one. */
void whiteout_add(struct stage *s, const struct entry *n);
void whiteout_hide(struct stage *s, const char *path);

/* Apply them all to the tree.  Returns 0, or -1 with e. */
int whiteout_apply(struct stage *s, struct err *e);
