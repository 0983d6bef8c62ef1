/*
 * mask: paths that are hidden or read-only, as the OCI runtime spec's maskedPaths and
 * readonlyPaths.
 */
#pragma once

#include "plan/plan.h"
#include "root/root.h"
#include "util/err.h"

/*
 * Hide the plan's masked paths (the null device over a file, an empty read-only directory over a
 * directory) and make its read-only paths read-only.  A component of a masked path may hold one
 * '*'.  Missing paths are ignored.  Returns 0, or -1 with e that names the path.
 */
int mask_apply(const struct plan *p, const struct root *r, struct err *e);
