/*
 * kill: the verb `kill`: sends a signal to the command of a sandbox.
 * Reads the store; sends signals.
 */
#include "cli/kill.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "cli/verb.h"
#include "launch/live_plan.h"
#include "plan/plan.h"
#include "runs/runs.h"
#include "util/proc.h"
#include "util/signame.h"

int kill_signal(const struct opt_given *g)
{
	int *number = g->to;

	*number = signame_number(g->text);
	return *number > 0 ? 0 : err_set(g->e, 0, "--signal %s: no such signal", g->text);
}

/* It fills an int. */
static const struct opt kill_opts[] = {
	{ 's', "signal", "SIGNAL", "send SIGNAL (KILL)", kill_signal, .offset = 0 },
	{ 0 },
};

static int kill_one(struct call *c, const char *name, struct err *e)
{
	const int number = *(const int *)c->options;
	struct live_run r = LIVE_RUN_NONE;
	struct proc init = PROC_NONE;
	struct plan p = { 0 };
	int status = -1;

	if (runs_find(&c->store.runs, name, &r, e) == 0 && live_run_open_init(&r, &init, e) == 0 &&
		(number == SIGKILL || live_plan_read(&r, &p, e) == 0)) {
		/* with process 1 all ends */
		status = number == SIGKILL ? proc_signal(&init, number)
					   : proc_signal_command(&init,
						     live_run_is_alone(&r, p.no_init), number);
		if (status < 0)
			(void)err_set(e, errno, "%s: send the signal", name);
		else
			printf("%s\n", name);
	}
	plan_done(&p);
	proc_done(&init);
	live_run_done(&r);
	return status;
}

const struct verb verb_kill = {
	.name = "kill",
	.synopsis = "[-s SIGNAL] NAME|ID...",
	.summary = "send a signal to the command of a sandbox",
	.opts = kill_opts,
	.size = sizeof(int),
	.defaults = &(const int){ SIGKILL },
	.least = 1,
	.most = VERB_ANY,
	.wants = "no sandbox given",
	.words = VERB_RUNS,
	.store = VERB_STORE_OWN,
	.each = kill_one,
};
