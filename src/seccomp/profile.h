/*
 * seccomp_profile: reads a seccomp profile in Docker's JSON.
 * A file that a user names is hostile until read: what it holds beyond the format is an error that
 * names it.
 */
#ifndef SECCOMP_PROFILE_H
#define SECCOMP_PROFILE_H

#include <stddef.h>

#include "seccomp/table.h"
#include "util/arena.h"
#include "util/err.h"

/*
 * Parse len bytes for a machine (SECCOMP_ON_*, one that sandbox is built for); the policy's rules
 * are the arena's. All fields of Docker's format but those that hand calls to another process
 * (SCMP_ACT_NOTIFY, listenerPath), which are refused.  Names of calls are not checked here: those
 * that nobody knows are skipped when the policy is compiled. Numbers above 2^63-1 are refused.
 * Returns 0, or -1 with e.
 */
int seccomp_profile_parse(const char *text, size_t len, unsigned arch, struct arena *a,
	struct seccomp_policy *ret, struct err *e);

#endif
