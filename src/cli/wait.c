/*
 * wait: the verb `wait`: waits for sandboxes to end.
 * Reads the store; touches standard output.
 */
#include <stdio.h>

#include "cli/verb.h"
#include "runs/runs.h"

static int wait_one(struct call *c, const char *name, struct err *e)
{
	struct live_run r = LIVE_RUN_NONE;
	int status = -1;

	if (runs_find(&c->store.runs, name, &r, e) == 0 && live_run_wait(&r, e) == 0) {
		printf("%d\n", r.status);
		(void)fflush(stdout);
		live_run_forget(&r, false);
		status = 0;
	}
	live_run_done(&r);
	return status;
}

const struct verb verb_wait = {
	.name = "wait",
	.synopsis = "NAME|ID...",
	.summary = "wait for sandboxes to end, and print their exit statuses",
	.details =
		"sandbox keeps the exit status of a detached run for a day, or, if the run has printed nothing, until `wait` reads\n"
		"it.",
	.least = 1,
	.most = VERB_ANY,
	.wants = "no sandbox given",
	.words = VERB_RUNS,
	.store = VERB_STORE_OWN,
	.each = wait_one,
};
