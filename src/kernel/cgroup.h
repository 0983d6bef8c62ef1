/*
 * cgroup: what enforces --memory, --cpus and --pids-limit, cgroups(7), version 2.
 *
 * Nobody but root may make a cgroup where it likes: a subtree must have been delegated to the
 * caller.  It is looked for from the caller's own cgroup upwards; where none is found the caller's
 * systemd is asked for a scope, which is one.
 */
#ifndef KERNEL_CGROUP_H
#define KERNEL_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

#define CGROUP_NAME_MAX 40

/* What a cgroup enforces; 0: no limit. */
struct cgroup_limits {
	uint64_t memory;    /* bytes */
	uint64_t cpu_quota; /* microseconds of processor time in each cpu_period */
	uint64_t cpu_period;
	uint64_t pids;
};

struct cgroup {
	int parent; /* the delegated one; -1: nothing is limited */
	int home;   /* cgroup.procs of where the runner belongs */
	int back;   /* cgroup.procs of parent, where the runner had to make room in it */
	char name[CGROUP_NAME_MAX]; /* of the sandbox's, in parent */
};

#define CGROUP_NONE ((struct cgroup){ .parent = -1, .home = -1, .back = -1 })

/*
 * Makes the cgroup and moves this process into it, so that its children are born there and the new
 * cgroup namespace begins there.  Does nothing without limits.  Returns 0, or -1 with e;
 * cgroup_done in both cases.
 */
int cgroup_enter(struct cgroup *c, const struct cgroup_limits *l, struct err *e);

/* After init was forked: the runner itself leaves, so that it is neither counted nor killed. */
void cgroup_leave(struct cgroup *c);

/* How many processes of the sandbox the kernel has killed for want of memory, since it began. */
uint64_t cgroup_oom_kills(const struct cgroup *c);

/* The cgroup is removed; nothing may run in it any more. */
void cgroup_done(struct cgroup *c);

/*
 * For one more process of a live sandbox that has limits: cgroup.procs of process pid of it, to
 * write "0" to.  Returns a descriptor, or -1 with e.
 */
int cgroup_open_of(pid_t pid, struct err *e);

#endif
