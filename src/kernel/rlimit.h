/*
 * rlimit: resource limits of the payload, and those that this process meets.
 */
#pragma once

#include <stdint.h>

#include "util/err.h"

/*
 * Raise a hard limit that is lower, where the calling process may: before it enters a user namespace,
 * in which nobody may.
 */
void rlimit_allow(int resource, uint64_t hard);

/* Let the kernel end this process sooner (up to 1000), or later (-1000), when memory ends; proc is a procfs.
 * Returns 0, or -1 with e. */
int rlimit_oom(int proc, int adj, struct err *e);

/* Keep to the processors of "0-3,7".  Returns 0, or -1 with e. */
int rlimit_cpus(const char *list, struct err *e);

/*
 * If the errno of e is what a call fails with at a limit of this process, and the process has one, let the hint
 * name it, unless e has a hint.
 */
void rlimit_hint(struct err *e);

/*
 * Set a limit (RLIMIT_*) of the calling process; name is what messages call it.  Where the hard limit
 * cannot be raised, both are the most that can be had, with a note: "unlimited" is what vendors tell
 * all users to ask for.  Returns 0, or -1 with e.
 */
int rlimit_set(int resource, const char *name, uint64_t soft, uint64_t hard, struct err *e);
