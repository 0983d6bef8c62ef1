/*
 * live: a run from its start to its end: its entry in the store, and what tells others of it.
 */
#ifndef LAUNCH_LAUNCH_H
#define LAUNCH_LAUNCH_H

#include "cli/run_opts.h"
#include "plan/plan.h"

struct launch {
	const struct run_args *args;
	const struct plan *plan;
	struct store *store; /* opened where it can be */
	int rootfs;
	const char *image; /* what the user called it */
	const char *image_id;
	int *news; /* as launch_detach gave it; -1 without it */
};

/* Carry the plan out.  Returns the exit status, or -1 with e. */
int launch_run(const struct launch *l, struct err *e);

/*
 * Call fn, which comes to launch_run, in a process of its own in the background, and print the id
 * once the command runs there. Returns 0, or -1 with the e of fn.
 */
int launch_detach(const struct run_args *a, int (*fn)(void *arg, int *news, struct err *e),
	void *arg, struct err *e);

#endif
