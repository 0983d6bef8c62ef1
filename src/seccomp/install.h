/*
 * seccomp: puts the plan's system call filter on this process.
 */
#ifndef SECCOMP_INSTALL_H
#define SECCOMP_INSTALL_H

#include "plan/plan.h"
#include "util/err.h"

/*
 * Load the filter that p asks for; it holds for this thread and all that it starts from here on,
 * and cannot be taken off. The last step before exec: no_new_privs is set already, and of what
 * comes after only what the profile allows works. Then tries a call that must be refused.
 * SECCOMP_UNCONFINED does nothing. Returns 0, or -1 with e: no filters in this kernel, a profile
 * that is not valid, a filter without effect.
 */
int seccomp_install(const struct plan *p, struct err *e);

/* Before any namespace is there: would it work?  Reads and compiles the profile, where there is
 * one. Returns 0, or -1 with e. */
int seccomp_check(const struct plan *p, struct err *e);

/* Can a filter ask another process (user notification, Linux 5.0)?  Tried on the caller, who must
 * not care.  Returns 0, or -1 with e. */
int seccomp_can_notify(struct err *e);

#endif
