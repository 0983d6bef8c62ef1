/*
 * runner: the caller's process while the command runs.
 */
#ifndef RUNTIME_RUNNER_H
#define RUNTIME_RUNNER_H

#include <stdint.h>

#include "kernel/sig.h"
#include "plan/plan.h"
#include "runtime/events.h"
#include "runtime/tty.h"

struct runner {
	const struct plan *p;
	struct runtime_events *events;
	struct sig sig;
	struct tty tty;
	pid_t child; /* process 1, or the command itself */
	int err_in;  /* where a struct err may come from; -1 once the command runs or has failed */
	int stopped; /* eventfd, see init.h; -1: none */
	int tty_in;  /* where the master of the terminal comes from; -1: none, or it has come */
	bool gated;  /* the command waits for a gate: an empty struct err says so */
	bool ready;  /* and has come */
	bool failed; /* another struct err came */
	/* milliseconds of CLOCK_MONOTONIC; 0: none */
	int64_t deadline; /* of the time limit */
	int64_t lasted;	  /* when events->lasted is due */
};

/* A pipe for a struct err and, for a terminal, a socket for its master. */
struct runner_ends {
	int err_in, err_out, tty_in, tty_out;
};

/* Make the ends.  Returns 0, or -1 with e; runner_close_ends in both cases. */
int runner_open_ends(struct runner_ends *ends, bool tty, struct err *e);
void runner_close_ends(struct runner_ends *ends);

/* Wait for what comes through w->err_in.  Sets w->ready, or w->failed with e, or neither: the command
 * runs. */
void runner_read_err(struct runner *w, struct err *e);

/* As runner_wait, but until the command waits for its gate.  Returns 0, or -1 with e: the child has
 * ended. */
int runner_await(struct runner *w, struct err *e);

/*
 * Copy the terminal's bytes, forward signals, keep the time limit, and wait for the child's end.
 * w->err_in and w->tty_in are borrowed; the other sides must be the child's alone by now. Returns
 * the exit status, or -1 with the e that the child sent.
 */
int runner_wait(struct runner *w, struct err *e);

#endif
