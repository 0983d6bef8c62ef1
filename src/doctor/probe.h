/*
 * probe: what of a run this host can do, tried one by one with the functions that a run uses.
 *
 * Each try is made by a process of its own, in a session of its own: what it makes is gone with it,
 * also where the caller is killed meanwhile.  What it finds lies in memory that the caller shares
 * with it, so that a try which is cut short leaves PROBE_UNTRIED behind.
 */
#ifndef DOCTOR_PROBE_H
#define DOCTOR_PROBE_H

#include <stdbool.h>

#include "util/err.h"

enum probe_status {
	PROBE_UNTRIED, /* something before it has failed */
	PROBE_OK,
	PROBE_MISSING, /* a run goes on without it */
	PROBE_BROKEN,  /* a run cannot, or it is there and does not work as it should */
};

/* msg: what was found, for PROBE_OK too; hint: what an administrator would change, where more is
 * known than what the facility takes in general. */
struct probe {
	enum probe_status status;
	struct err e;
	bool stand_in; /* not there, but something else does all of it */
};

/* The steps, in the order of a run; then what only some runs want. */
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
	PROBE_ROOT, /* masks, and leaving the host's root */
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

/* How it went: PROBE_OK with the text good where r is 0 or more, else bad with what is in p->e.  Returns
 * whether it went well. */
bool probe_say(struct probe *p, int r, enum probe_status bad, const char *good);

/* Say what no function has put in words. */
void probe_find(struct probe *p, enum probe_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Call fn in a process of its own, with its streams on /dev/null, and wait for its end; after
 * seconds (0: never) it is ended.  Does nothing where there can be no process.
 */
void probe_apart(void (*fn)(void *arg), void *arg, unsigned seconds);

#endif
