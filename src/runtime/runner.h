/*
 * runner: the caller's process while the command runs.
 */
#pragma once

#include "runtime/runner_state.h"

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
