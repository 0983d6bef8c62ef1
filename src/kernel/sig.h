/*
 * sig: every catchable signal held back, read from a descriptor, and sent on.
 *
 * All 64 of the kernel's: the C library keeps the first real-time signals for its threads (musl 32
 * to 34, so that glibc's SIGRTMIN is among them), and leaves them out of its sets.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

struct sig {
	int fd;	       /* signalfd(2); after fork it reads the child's own signals */
	uint64_t mask; /* the caller's */
	struct sigaction
		chld; /* the caller's: SIGCHLD must not be ignored, or wait(2) reports nothing */
};

/* A signal that came. */
struct sig_hit {
	int number, code; /* of its siginfo: SI_KERNEL, SI_USER, SI_QUEUE, ... */
	pid_t from;	/* the sender; 0: the kernel, or a process outside of this pid namespace */
	uint64_t value; /* with SI_QUEUE */
};

/* Block all signals. */
void sig_block(void);

/* The same, and make the descriptor.  Returns 0, or -1 with e. */
int sig_hold(struct sig *s, struct err *e);

/* Restore what the caller had; pending signals are delivered. */
void sig_release(const struct sig *s);

/* Take the next one that is pending; false where none is. */
bool sig_next(const struct sig *s, struct sig_hit *ret);

/* Send it on, also to those of kill(2) with -1; the process may have ended. */
void sig_send(pid_t to, const struct sig_hit *h);

/* End this process by the signal, without a core file: what crashed was another process. */
void sig_die(int number);

/*
 * Wait until each signal to a process group that has come to one of its processes has come to all.
 * The kernel walks a group with its list of tasks locked for reading; setpgid(2), here for a process
 * that does not exist, locks the list for writing.
 */
void sig_barrier(void);
