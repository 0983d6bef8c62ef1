/*
 * probe: what parts of a run work on this host, tried one by one with the functions that a run
 * uses.
 *
 * Each try has a process and a session of its own: what it makes goes with it, even if the caller
 * is killed meanwhile.  It reports in memory that it shares with the caller, so that a try that is
 * cut short leaves PROBE_UNTRIED.
 */
#pragma once

#include <stdbool.h>

#include "util/err.h"

enum probe_status {
	PROBE_UNTRIED, /* an earlier step failed */
	PROBE_OK,
	PROBE_MISSING, /* a run works without it */
	PROBE_BROKEN,  /* a run does not work, or this does not work as it should */
};

/*
 * msg: what was found, for PROBE_OK too; hint: what an administrator could change, if more is known
 * than for the facility in general.
 */
struct probe {
	enum probe_status status;
	struct err e;
	bool stand_in; /* missing, but something else does all of it */
};

/* The steps, in the order of a run; then what only some runs need. */
enum probe_step {
	PROBE_HOST, /* /proc and /dev/null of the host */
	PROBE_USER,
	PROBE_MAP,
	PROBE_PID,
	PROBE_OTHERS, /* ipc, uts, cgroup */
	PROBE_MOUNT,
	PROBE_CALLS, /* newer system calls */
	PROBE_OVERLAY,
	PROBE_PROC,
	PROBE_DEV,
	PROBE_DEVPTS,
	PROBE_SHM,
	PROBE_MQUEUE,
	PROBE_SYS,
	PROBE_CGROUP_FS,
	PROBE_ROOT, /* masks, and pivot_root */
	PROBE_SECCOMP,
	PROBE_RUN, /* all of it at once */
	PROBE_NOTIFY,
	PROBE_NETWORK, /* a network namespace with its loopback */
	PROBE_PASTA,
	PROBE_CGROUP,
	PROBE_FUSE,
	PROBE_FUSE_OVERLAY,
	PROBE_BINFMT, /* programs for other processors */
	PROBE_STEPS
};

/*
 * Report PROBE_OK with the text good if r is 0 or more, else bad with what is in p->e.  Returns
 * whether it went well.
 */
bool probe_say(struct probe *p, int r, enum probe_status bad, const char *good);

/* Report a finding in words. */
void probe_find(struct probe *p, enum probe_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Call fn in a process of its own, with its streams on /dev/null, and wait for its end.  It is
 * killed after seconds (0: never).  Does nothing if the process cannot be started.
 */
void probe_apart(void (*fn)(void *arg), void *arg, unsigned seconds);
