/*
 * sig: every catchable signal held back, read from a descriptor, and handed on.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "util/err.h"

struct sig {
	int fd;	       /* signalfd(2); after fork it reads the child's own signals */
	sigset_t mask; /* the caller's */
	struct sigaction
		chld; /* the caller's: SIGCHLD must not be ignored, or wait(2) reports nothing */
};

/* Block all signals and make the descriptor.  Returns 0, or -1 with e. */
int sig_hold(struct sig *s, struct err *e);

/* Restore what the caller had; pending signals are delivered. */
void sig_release(const struct sig *s);

/* What sig_forward saw. */
enum {
	SIG_SAW_CHILD = 1, /* a child changed state: SIGCHLD, which is not sent on */
	SIG_SAW_WINDOW = 2,
	SIG_SAW_CONTINUE = 4,
};

/*
 * Read what is pending and send it to process to.  Signals of the terminal are left out unless all:
 * the kernel has sent them to the whole foreground process group, process to included. Returns the
 * SIG_SAW_* of what came.
 */
unsigned sig_forward(const struct sig *s, pid_t to, bool all);
