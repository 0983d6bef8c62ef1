/*
 * rlimit: resource limits of the payload.
 */
#ifndef KERNEL_RLIMIT_H
#define KERNEL_RLIMIT_H

#include "plan/plan.h"
#include "util/err.h"

/* Set the plan's limits on the calling process; what it does not name stays as inherited.  0, or -1
 * with e. */
int rlimit_apply(const struct plan *p, struct err *e);

#endif
