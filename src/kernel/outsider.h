/*
 * outsider: a child that does one thing for the caller and answers once.
 *
 * What needs rights in the namespaces that the runner is about to leave (writing maps of ids by
 * setuid helpers, starting pasta) is done by a child that is forked before unshare(2).  It waits for
 * the word to go, and ends no later than the runner.
 */
#pragma once

#include <sys/types.h>

#include "util/err.h"

struct outsider {
	pid_t pid;  /* 0: there is none */
	int go;	    /* written to once; closed by the end of the runner or outsider_done */
	int answer; /* a struct err, with a message where it failed */
};

#define OUTSIDER_NONE ((struct outsider){ .go = -1, .answer = -1 })

/* What the child does, with its ends of both pipes; never returns. */
typedef void outsider_main(int go, int answer, const void *arg);

/* Start it.  arg is read in the child's copy of memory.  Returns 0, or -1 with e; outsider_done in
 * both cases. */
int outsider_start(struct outsider *a, outsider_main *run, const void *arg, struct err *e);

/* In the child: wait for the word to go, call fn, answer with what it sets in e, and end. */
_Noreturn void outsider_work(
	int go, int answer, int (*fn)(const void *arg, struct err *e), const void *arg);

/* Send the word to go, and wait for the answer: 0, or -1 with e.  what names the child in the
 * message where no answer comes. */
int outsider_ask(struct outsider *a, const char *what, struct err *e);

/* Wait for its end, whether it was asked or not. */
void outsider_done(struct outsider *a);
