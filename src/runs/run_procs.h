/*
 * run_procs: the processes of a live run, as the host sees them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runs/live_run.h"
#include "util/arena.h"
#include "util/err.h"

struct run_proc {
	pid_t pid, parent;
	uid_t uid;
	unsigned tty;	    /* device number; 0: none */
	uint64_t used_ms;   /* of processors */
	int64_t started;    /* seconds since 1970 */
	uint64_t bytes;	    /* of memory, its share of what it shares where that is known */
	char command[4096]; /* its words, with blanks between */
};

struct run_procs {
	struct run_proc *list; /* by number */
	size_t n;
};

/* All in the pid namespace of the run's process 1, and below it.  Returns 0, or -1 with e; run_procs_done in
 * both cases. */
int run_procs_read(struct run_procs *p, const struct live_run *r, struct err *e);
void run_procs_done(struct run_procs *p);
