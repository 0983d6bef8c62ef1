/*
 * newidmap: the process that writes the maps of a user namespace with more than one's own ids.
 *
 * newuidmap(1) and newgidmap(1) need rights in the namespace outside, which the runner has left by
 * the time there is a map to write.  So a child stays behind: it is forked first, and does its work
 * when it is told that the new namespace is there.
 */
#ifndef RUNTIME_NEWIDMAP_H
#define RUNTIME_NEWIDMAP_H

#include <sys/types.h>

#include "plan/plan.h"
#include "util/err.h"

struct newidmap {
	pid_t pid; /* 0: none is needed, or it is done */
	int go;	   /* closed or written to, once */
	int answer;
};

#define NEWIDMAP_NONE ((struct newidmap){ .go = -1, .answer = -1 })

/*
 * Before unshare(2): start the child, where the plan wants one.  proc is a descriptor of a procfs.
 * Returns 0, or -1 with e; newidmap_done in both cases.
 */
int newidmap_start(struct newidmap *n, int proc, const struct plan *p, struct err *e);

/* After it: have the maps written for the calling process.  Returns 0, or -1 with e. */
int newidmap_write(struct newidmap *n, struct err *e);

/* The child ends, whether it was used or not. */
void newidmap_done(struct newidmap *n);

#endif
