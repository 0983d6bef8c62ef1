/*
 * runner: the caller's process while the command runs.
 */
#pragma once

#include <stdint.h>

#include "kernel/sig.h"
#include "plan/plan.h"
#include "runtime/events.h"
#include "runtime/tty.h"

/*
 * A pipe for a struct err; a socket for the witness of relay.h; for a terminal, a socket for its
 * master.  Each is -1 once it is used.
 */
struct runner_ends {
	int err_in, err_out, relay_in, relay_out, tty_in, tty_out;
};

struct runner {
	const struct plan *p;
	struct runtime_events *events;
	struct sig sig;
	struct tty tty;
	bool alone;    /* no process 1 of ours is beside the command */
	pid_t child;   /* process 1; the command itself if it is alone */
	pid_t witness; /* of a command that is alone; 0: none */
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
	((struct runner){ \
		.p = (plan), .sig.fd = -1, .tty = TTY_NONE, .ends = { -1, -1, -1, -1, -1, -1 } })

/* Make the ends; relay: those for the witness, too; tty: those for a terminal.  Returns 0, or -1 with
 * e. */
int runner_open(struct runner *w, bool relay, bool tty, struct err *e);

/* Hold signals back, start the witness of a command that is alone, and get the caller's terminal
 * ready.  Returns 0, or -1 with e. */
int runner_hold(struct runner *w, struct err *e);

/* Fork the child.  Returns as fork(2) does. */
pid_t runner_fork(struct runner *w);

/*
 * After the fork: close the child's ends, and drop all rights.  Returns 0, or -1 with e and the
 * child killed.
 */
int runner_begin(struct runner *w, struct err *e);

/* Restore what the caller had; runner_release only its signals. */
void runner_release(struct runner *w);
void runner_done(struct runner *w);

/* Wait for what comes through the pipe.  Sets w->ready, or w->failed with e, or neither: the command
 * runs. */
void runner_read_err(struct runner *w, struct err *e);

/* As runner_wait, but until the command waits for its gate.  Returns 0, or -1 with e: the child has
 * ended. */
int runner_await(struct runner *w, struct err *e);

/*
 * Copy the terminal's bytes, forward signals, keep the time limit, and wait for the child's end.
 * Returns the exit status, or -1 with the e that the child sent.
 */
int runner_wait(struct runner *w, struct err *e);
