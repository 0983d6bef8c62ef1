/*
 * join: the namespaces of a live sandbox.
 */
#pragma once

#include "plan/plan.h"
#include "util/err.h"
#include "util/proc.h"

enum { JOIN_NET, JOIN_UTS, JOIN_IPC, JOIN_CGROUP, JOIN_PID, JOIN_KINDS };

/* As they are handed from process to process: these, and two more. */
enum { JOIN_MNT = JOIN_KINDS, JOIN_USER, JOIN_ALL };

struct join {
	int user;  /* the user namespace that owns the mounts; -1: the caller's own */
	int inner; /* the payload's user namespace, if it has another; else -1 */
	int mnt;
	pid_t payload; /* the host's number of the process that has them all; 0: process 1 */
	int other[JOIN_KINDS]; /* -1: the caller is in the same */
	int door;	       /* the connection to a keeper; -1: none */
};

#define JOIN_NONE \
	((struct join){ \
		.user = -1, .inner = -1, .mnt = -1, .other = { -1, -1, -1, -1, -1 }, .door = -1 })

/* What a keeper answers to a process that joins. */
struct join_answer {
	struct err e; /* without a message: the descriptors of JOIN_ALL namespaces come with it */
	bool mixed;   /* other processes of the same group are in another sandbox */
};

/*
 * Open the namespaces of the sandbox whose process 1 is init.  Returns 0, or -1 with e; join_done
 * in both cases.
 */
int join_open(struct join *j, const struct plan *p, const struct proc *init, struct err *e);

/*
 * Ask the keeper behind door, a connection that j takes over, and wait until its sandbox is made.  Returns
 * 0; 1: it has ended; or -1 with e.  join_done in all cases.
 */
int join_ask(struct join *j, int door, bool *ret_mixed, struct err *e);

void join_done(struct join *j);

/* Open one of the calling process's own, an index below JOIN_ALL.  proc: a procfs.  -1 with errno. */
int join_open_own(int proc, int kind);

/* First move the caller into the user namespace.  Returns 0, or -1 with e, and nothing has changed. */
int join_enter_user(const struct join *j, struct err *e);

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
