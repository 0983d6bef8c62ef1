/*
 * ns: the namespaces other than the mount namespace.
 */
#ifndef KERNEL_NAMESPACES_H
#define KERNEL_NAMESPACES_H

#include "plan/plan.h"
#include "util/err.h"

/*
 * Move the caller into the plan's namespaces at once, all but the mount (root.h) and the cgroup
 * namespace; the pid namespace begins with its next child.  Returns 0, or -1 with e, which says
 * what of the host's settings refuses it.
 */
int namespaces_unshare(const struct plan *p, struct err *e);

/*
 * Inside, by process 1: enter the cgroup namespace, set the host name, bring the loopback interface
 * up.  Returns 0, or -1 with e.
 */
int namespaces_configure(const struct plan *p, struct err *e);

#endif
