/*
 * relay: a signal reaches the command once, whichever processes it was sent to.
 *
 * The runner passes on what it gets.  But a signal to the process group (from a shell's kill %1,
 * timeout(1), the terminal), or to every process of a job (scancel(1), systemd), has reached the
 * command already, and the siginfo of both is the same.  So a second process stands where the
 * command stands, in its process group and cgroup: the witness.  What came to the runner and to the
 * witness came to the command as well, and is not passed on.  What came to one of them alone is.
 *
 * The witness is process 1; without one of ours (--no-init, exec), a child of the runner that does
 * nothing else.  It decides, since it is the last that a signal passes:
 *
 *   RELAY_HIT from the runner: the runner got this signal.  The witness reads its own signals and
 *       strikes one of that number off.  If there is none, the signal is for the command.
 *   RELAY_ASK from the witness: it got a signal that the runner has said nothing of.  The runner
 *       says what it got, and then RELAY_ASK, too.  What is left was sent to process 1 alone.
 *
 * For a process group sig_barrier() is enough: a signal that came to one is there for the other when
 * it looks.  A sender that goes from process to process holds no lock, so the runner lets it go on
 * until it sleeps or has ended; one that sleeps in between does send two signals.
 *
 * A command with a terminal of its own is in no process group of the caller's; nor is its witness.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "kernel/sig.h"

#define RELAY_OWN 64
#define RELAY_ALL (-1) /* for a keeper: every process of its namespace but itself */

enum relay_kind {
	RELAY_HIT,
	RELAY_ASK,
	RELAY_START,   /* the command begins: what came before has not reached it */
	RELAY_SYNC,    /* all that was said before is done: the witness says this, too */
	RELAY_STOPPED, /* from process 1: the command was stopped */
	RELAY_ENDED,   /* from process 1: this signal ended it */
};

struct relay_msg {
	enum relay_kind kind;
	struct sig_hit hit;
};

/* A witness. */
struct relay {
	int fd;		       /* to the runner; -1: there is none, and all is for the command */
	const struct sig *sig; /* held */
	pid_t payload;	       /* 0: the runner sends to it; or RELAY_ALL */
	struct sig_hit own[RELAY_OWN]; /* not struck off yet, oldest first */
	size_t n, asked;	       /* the first of them are asked for */
	bool asks;
};

/* Say something to the other side, or hear what it said: false where it has said nothing (more). */
void relay_say(int fd, enum relay_kind kind, const struct sig_hit *h);
bool relay_hear(int fd, struct relay_msg *ret);

/* In the runner: wake a witness that was stopped, without being taken for a signal. */
void relay_wake(pid_t witness);

/* In process 1, before the command is there: forget what came until now. */
void relay_start(struct relay *r);

/* In the runner: let the other witness do the same, and wait for it.  Returns whether it asks. */
bool relay_begin(int fd);

/* After poll(2): take what came, from the runner only if it said something.  Returns whether a child
 * changed its state. */
bool relay_step(struct relay *r, bool said);

/*
 * In the runner, with all signals held: start a witness that does nothing else.  apart: in a session
 * of its own.  It ends when the runner closes its side.  Returns its pid, or -1 with errno.
 */
pid_t relay_fork(int fd, const struct sig *s, bool apart);
