/*
 * runner_state: what the caller's process keeps while the command runs.
 */
#pragma once

#include <stdint.h>

#include "emulate/supervisor.h"
#include "kernel/sig.h"
#include "plan/plan.h"
#include "runtime/events.h"
#include "runtime/tty.h"

/*
 * A pipe for a struct err; a socket for the witness of relay.h; for a terminal, a socket for its
 * master; for a supervisor, a socket for its listener.  Each is -1 once it is used.
 */
struct runner_ends {
	int err_in, err_out, relay_in, relay_out, tty_in, tty_out, asks_in, asks_out;
};

struct runner {
	const struct plan *p;
	struct runtime_events *events;
	struct sig sig;
	struct tty tty;
	struct supervisor *supervisor; /* NULL: none, or not yet */
	int proc;		       /* a procfs for it; borrowed */
	bool alone;		       /* no process 1 of ours is beside the command */
	pid_t child;		       /* process 1; the command itself if it is alone */
	pid_t witness;		       /* of a command that is alone; 0: none */
	struct runner_ends ends;
	bool holds;  /* the caller's signals are held back */
	bool asked;  /* the witness waits for an answer, see relay.h */
	bool stops;  /* the command was stopped: so is this process, soon */
	bool syncs;  /* the witness has not yet said RELAY_SYNC */
	bool gated;  /* the command will wait for a gate, and says so by an empty struct err */
	bool ready;  /* it has said so */
	bool failed; /* it has sent an error */
	/* milliseconds of CLOCK_MONOTONIC; 0: none */
	int64_t deadline; /* end of the time limit */
	int64_t lasted;	  /* when events->lasted is due */
};

/* A runner for a plan; needs runner_done in the end. */
#define RUNNER_NONE(plan) \
	((struct runner){ .p = (plan), \
		.sig.fd = -1, \
		.tty = TTY_NONE, \
		.ends = { -1, -1, -1, -1, -1, -1, -1, -1 }, \
		.proc = -1 })
