/*
 * rename: the verb `rename`: gives a run another name.
 * Touches runs/ of the store.
 */
#include "cli/verb.h"
#include "runs/run_entry.h"

static int rename_run(struct call *c, struct err *e)
{
	struct live_run r = LIVE_RUN_NONE;
	int status = runs_find(&c->store.runs, c->words[0], &r, e);

	if (status == 0)
		status = run_entry_rename(&c->store.runs, &r, c->words[1], e);
	live_run_done(&r);
	return status;
}

const struct verb verb_rename = {
	.name = "rename",
	.synopsis = "NAME|ID NEW-NAME",
	.summary = "give a run another name",
	.details =
		"The id stays, and so does what the command knows of its name: the run's host name does not change.",
	.least = 2,
	.most = 2,
	.wants = "needs a run and its new name",
	.words = VERB_RUNS,
	.store = VERB_STORE_OWN,
	.run = rename_run,
};
