/*
 * whiteout: what a layer removes from the layers below.
 */
#pragma once

#include "unpack/stage.h"

/* Note a marker, or that path is to be hidden as by one. */
void whiteout_add(struct stage *s, const struct entry *n);
void whiteout_hide(struct stage *s, const char *path);

/* Carry them all out on the tree.  Returns 0, or -1 with e. */
int whiteout_apply(struct stage *s, struct err *e);
