/*
 * runtime: carries out a plan, in phases: create, start, wait.
 *
 * Create sets everything up (ids, namespaces, root, mounts, terminal, rights) and leaves a process
 * in front of execve(2); start lets it go on; wait stays with it until its end.  Who calls is the
 * runner.  What may end when is its choice, by struct runtime_options:
 *
 *   supervised  The runner holds all signals back and forwards them, copies the terminal, keeps the
 *               time limit, and must call runtime_wait.  When it dies, all of the sandbox dies.
 *   outlive     The sandbox dies with the runner until runtime_create has returned, and no longer
 *               from then on: it belongs to whoever reaps the runner's orphans, a child subreaper
 *               or the host's process 1.  The exit status comes to that process by wait(2), and is
 *               the command's own where the plan has no_init (the command is process 1 then).
 *
 * The gate decides when the command starts.  It is a FIFO that the caller has made and opened for
 * reading and writing.  The waiting process keeps that descriptor, so the gate outlives the runner,
 * and any process that may open the FIFO by its path can start the command, once:
 * runtime_open_gate.  Without a gate the command starts as soon as everything is set up.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "plan/plan.h"
#include "plan/resources.h"
#include "runtime/events.h"
#include "util/err.h"

struct runtime_options {
	bool outlive;
	int gate;    /* borrowed; -1: none.  outlive needs one. */
	int console; /* borrowed: a Unix socket that gets the master of the plan's terminal; -1: the
			runner keeps it and copies between it and the standard streams */
	int door;    /* borrowed: process 1 is a keeper, see keeper.h; -1: it starts the command */
	bool mixed;  /* for the keeper */
};

/* As `sandbox run` has it. */
#define RUNTIME_SUPERVISED ((struct runtime_options){ .gate = -1, .console = -1, .door = -1 })

/* A sandbox in the hands of its runner. */
struct runtime;

/*
 * Create a sandbox for p with what was found for it; p and res must live as long as *ret.  The
 * calling process moves into new namespaces, so it can create one only.  With a gate, returns when
 * the process waits in front of it, and fails where the command is missing (e->status 127) or may
 * not be executed (126): what execve(2) alone can tell comes later, from runtime_wait or, with
 * outlive, in a line on the command's standard error.  Without a gate all of that comes from
 * runtime_wait.
 * Returns 0, or -1 with e; nothing is left behind then.
 */
int runtime_create(const struct plan *p, const struct run_resources *res,
	const struct runtime_options *o, struct runtime **ret, struct err *e);

/* The host's number of process 1. */
pid_t runtime_pid(const struct runtime *r);

/* Open the gate that the sandbox was created with; does nothing where there is none.  Returns 0, or
 * -1 with e. */
int runtime_start(const struct runtime *r, struct err *e);

/*
 * The same by a process that did not create the sandbox: the gate is the FIFO name in dirfd.
 * Returns 0, or -1 with e where nobody waits in front of it: the command was started before, or the
 * sandbox has ended.  Of two callers at the same moment both may see 0, so that they need a lock of
 * their own.  The caller ignores SIGPIPE.
 */
int runtime_open_gate(int dirfd, const char *name, struct err *e);

/*
 * Supervised: wait for the end of the sandbox.  Signals that arrive meanwhile are forwarded.  ev may
 * be NULL.  Returns the payload's exit status (0 to 255; 128+n where signal n ended it), or -1 with e
 * where it never started (e->status: 125, 126 or 127).  Nothing is left behind in either case; r is
 * freed.
 */
int runtime_wait(struct runtime *r, struct runtime_events *ev, struct err *e);

/* With outlive: let go of the sandbox, which stays; r is freed.  The cgroup of its limits stays, too,
 * for the next run beside it to remove when it is empty. */
void runtime_leave(struct runtime *r);

/* All three phases in a row, supervised and without a gate.  Returns as runtime_wait does. */
int runtime_run(const struct plan *p, const struct run_resources *res,
	const struct runtime_options *o, struct runtime_events *ev, struct err *e);
