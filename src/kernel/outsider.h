/*
 * aide: a process that stays behind in the host's namespaces and does one thing for the runner.
 *
 * What needs rights in the namespaces that the runner has left (writing maps of ids by setuid
 * helpers, starting pasta) is done by a child that is forked before unshare(2).  It waits until it
 * is told to go, answers once, and ends no later than the runner.
 */
#ifndef KERNEL_OUTSIDER_H
#define KERNEL_OUTSIDER_H

#include <sys/types.h>

#include "util/err.h"

struct outsider {
	pid_t pid;  /* 0: there is none */
	int go;	    /* written to once; its end is the runner's, or outsider_done */
	int answer; /* a struct err, with a message where it failed */
};

#define OUTSIDER_NONE ((struct outsider){ .go = -1, .answer = -1 })

/* What the child does, with its ends of both pipes; never returns. */
typedef void aide_main(int go, int answer, const void *arg);

/* Start it.  arg is read in the child's copy of memory.  Returns 0, or -1 with e; outsider_done in
 * both cases. */
int outsider_start(struct outsider *a, aide_main *run, const void *arg, struct err *e);

/* Tell it to go, and wait for its answer: 0, or -1 with e, which what completes ("WHAT has ended")
 * where there is no answer. */
int outsider_ask(struct outsider *a, const char *what, struct err *e);

/* It ends, whether it was asked or not. */
void outsider_done(struct outsider *a);

#endif
