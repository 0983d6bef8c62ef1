/*
 * seccomp_install: puts a system call filter on this process.
 */
#pragma once

#include "seccomp/table.h"
#include "util/err.h"

/*
 * Load the filter of policy for these capabilities (the bounding set); it holds for this thread and
 * all that it starts from here on, and cannot be taken off.  The last step before exec: no_new_privs
 * is set already, and of what comes after only what the policy allows works.  Then tries a call that
 * must be refused.  A policy of NULL loads nothing.  Returns 0, or -1 with e: this kernel has no
 * filters, the policy has too many rules, the filter has no effect.
 */
int seccomp_install(
	const struct seccomp_policy *policy, uint64_t caps, bool emulate, struct err *e);

/* Before any namespace is there: can the policy be compiled?  Returns 0, or -1 with e. */
int seccomp_check(const struct seccomp_policy *policy, uint64_t caps, bool emulate, struct err *e);

/* Can a filter ask another process (user notification, Linux 5.0)?  Tried on the caller, who must
 * not care.  Returns 0, or -1 with e. */
int seccomp_can_notify(struct err *e);
