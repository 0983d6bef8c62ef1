/*
 * join: the namespaces of a live sandbox.
 */
#pragma once

#include "plan/plan.h"
#include "util/err.h"
#include "util/proc.h"

enum { JOIN_NET, JOIN_UTS, JOIN_IPC, JOIN_CGROUP, JOIN_PID, JOIN_KINDS };

struct join {
	int user;  /* the user namespace that owns the mounts; -1: the caller's own */
	int inner; /* the payload's user namespace, if it has another; else -1 */
	int mnt;
	pid_t payload;	       /* the host's number of the process that has them all */
	int other[JOIN_KINDS]; /* -1: the caller is in the same */
};

#define JOIN_NONE \
	((struct join){ .user = -1, .inner = -1, .mnt = -1, .other = { -1, -1, -1, -1, -1 } })

/*
 * Open the namespaces of the sandbox whose process 1 is init.  Returns 0, or -1 with e; join_done
 * in both cases.
 */
int join_open(struct join *j, const struct plan *p, const struct proc *init, struct err *e);
void join_done(struct join *j);

/*
 * Move the caller into all but the mount namespace; the pid namespace begins with its next child.
 * Returns 0, or -1 with e.
 */
int join_enter(const struct join *j, struct err *e);

/*
 * In that child: enter the mount namespace, and with it the root, then the payload's user
 * namespace.  Returns 0, or -1 with e.
 */
int join_enter_root(const struct join *j, struct err *e);
