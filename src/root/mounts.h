/*
 * mounts: the plan's list of mounts, carried out in its order.
 */
#pragma once

#include "plan/plan.h"
#include "root/root.h"
#include "util/err.h"

/*
 * Open the source of every bind mount and close it again.  A missing one is reported before any
 * namespace exists, and an automounter wakes while it can still reach the caller's mount namespace.
 * Returns 0, or -1 with e that names the source.
 */
int mounts_check_sources(const struct plan *p, struct err *e);

/*
 * Mount everything in the new root.  Each target is opened once inside the root, and mounted onto
 * by descriptor.  Returns 0, or -1 with e that names the target.
 */
int mounts_make(const struct plan *p, const struct root *r, struct err *e);

/* One of its mounts, whether it is optional or not.  Returns 0, or -1 with e. */
int mounts_make_one(
	const struct plan *p, const struct root *r, const struct plan_mount *m, struct err *e);
