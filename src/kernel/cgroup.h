/*
 * cgroup: what enforces --memory, --cpus and --pids-limit, cgroups(7), version 2.
 *
 * Only root may make a cgroup anywhere: other users need a subtree that is delegated to them.  The
 * search goes from the caller's own cgroup upwards.  Where none is delegated, the caller's systemd
 * is asked for a scope, which is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

#define CGROUP_NAME_MAX 40

/* What a cgroup enforces; 0: no limit. */
struct cgroup_limits {
	uint64_t memory;    /* bytes */
	int64_t swap;	    /* memory and swap together; 0: twice the memory, -1: no limit */
	uint64_t cpu_quota; /* microseconds of processor time in each cpu_period */
	uint64_t cpu_period;
	uint64_t pids;
};

struct cgroup {
	int parent; /* the delegated one; -1: nothing is limited */
	int home;   /* cgroup.procs of the cgroup that the runner belongs to */
	int back;   /* cgroup.procs of parent, if the runner had to move out of it */
	char name[CGROUP_NAME_MAX]; /* of the sandbox's cgroup, in parent */
};

#define CGROUP_NONE ((struct cgroup){ .parent = -1, .home = -1, .back = -1 })

/*
 * Make the cgroup and move this process into it, so that its children are born there and the new
 * cgroup namespace begins there.  Does nothing without limits.  Returns 0, or -1 with e;
 * cgroup_done in both cases.
 */
int cgroup_enter(struct cgroup *c, const struct cgroup_limits *l, struct err *e);

/* After init is forked: move the runner out, so that it is neither counted nor killed. */
void cgroup_leave(struct cgroup *c);

/* How many processes the kernel has killed so far because the sandbox was out of memory. */
uint64_t cgroup_oom_kills(const struct cgroup *c);

/* Remove the cgroup, in which no process may run any more. */
void cgroup_done(struct cgroup *c);

/*
 * For one more process of a live sandbox with limits: open cgroup.procs of the cgroup that process
 * pid is in, to write "0" to.  Returns a descriptor, or -1 with e.
 */
int cgroup_open_of(pid_t pid, struct err *e);
