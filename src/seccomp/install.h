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
 * must be refused.  A policy of NULL loads nothing.
 *
 * With SECCOMP_EMULATE_IDS *ret_listener gets the descriptor that the supervisor needs,
 * seccomp_unotify(2): until it answers, this process must make none of the calls that it answers.  It gets
 * -1
 * where the kernel cannot do it: it is too old, or a filter of the caller
 * has a supervisor already.  Then the filter emulates as SECCOMP_EMULATE_BASIC.  NULL with another
 * emulation.
 *
 * Returns 0, or -1 with e: this kernel has no filters, the policy has too many rules, the filter has
 * no effect.
 */
int seccomp_install(const struct seccomp_policy *policy, uint64_t caps,
	enum seccomp_emulation emulation, int *ret_listener, struct err *e);

/* Before any namespace is there: can the policy be compiled?  Returns 0, or -1 with e. */
int seccomp_check(const struct seccomp_policy *policy, uint64_t caps,
	enum seccomp_emulation emulation, struct err *e);

/* Which of the supervisor's calls is it, of this ABI (AUDIT_ARCH_*) with these arguments?  ASKS: none.
 * *ret_narrow: its ids have 16 bits. */
enum seccomp_ask seccomp_asked(
	uint32_t audit, uint32_t nr, const uint64_t args[6], bool *ret_narrow);

/* Can a filter ask another process (user notification, Linux 5.0), which can let a call go on (Linux 5.5)?
 * Tried on the caller, who must not care.  Returns 0, or -1 with e. */
int seccomp_can_notify(struct err *e);
