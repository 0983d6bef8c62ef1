/*
 * runtime: carries out a plan.  It takes no decision of its own.
 */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <sys/types.h>

#include "plan/plan.h"
#include "plan/resources.h"
#include "util/err.h"
#include "util/proc.h"

/* What the caller of a run is told while it goes on, and what it is told at the end. */
struct runtime_events {
	void (*started)(void *arg, pid_t pid); /* the command runs; process 1 (for exec: the
						  command) has the host's number pid */
	void (*lasted)(void *arg); /* it has run for lasted_ms, and still does; may be NULL */
	unsigned lasted_ms;
	void *arg;
	bool timed_out;	    /* the plan's time limit was reached */
	bool out_of_memory; /* the kernel killed processes, for the plan's memory limit */
	int signal;	    /* which one ended the payload; 0: none did */
};

/*
 * Run the plan's process, with what was found for it, and wait for its end. Signals that arrive meanwhile are forwarded; when the caller dies, everything inside
 * dies. Returns the payload's exit status (0 to 255; 128+n where signal n ended it), or -1 with e
 * where it never started (e->status: 125, 126 or 127).  Nothing is left behind in either case.  ev
 * may be NULL.
 */
int runtime_run(const struct plan *p, const struct run_resources *res, struct runtime_events *ev,
	struct err *e);

/*
 * Run one more process in the namespaces of the live sandbox whose process 1 is init; p is what
 * plan_load gave, with arguments (not in argv).  Returns as runtime_run does.
 */
int runtime_exec(const struct plan *p, const struct proc *init, struct err *e);

#endif
