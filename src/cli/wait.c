/*
 * wait: the verb `wait`: until sandboxes end.
 * Reads the store; touches standard output.
 */
#include "cli/cli.h"
#include "runs/runs.h"

static const struct opt wait_opts[] = { OPTS_GLOBAL };

static int wait_option(void *arg, int id, char *value, struct err *e)
{
	(void)e;
	(void)cli_global_option(arg, &verb_wait, id, value);
	return 0;
}

static int wait_one(struct store *s, const char *name, struct err *e)
{
	struct live_run r = LIVE_RUN_NONE;
	int status = -1;

	if (runs_find(&s->runs, name, &r, e) == 0 && live_run_wait(&r, e) == 0) {
		printf("%d\n", r.status);
		(void)fflush(stdout);
		live_run_forget(&r);
		status = 0;
	}
	live_run_done(&r);
	return status;
}

static int wait_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct store s = STORE_NONE;
	int at = opts_parse(wait_opts, argc, argv, wait_option, g, e), r = at < 0 ? -1 : 0;

	if (r == 0 && at == argc)
		r = err_set(e, 0, "wait: no sandbox given");
	if (r == 0)
		r = store_open(&s, g->store, e);
	for (; r == 0 && at < argc; at++)
		r = wait_one(&s, argv[at], e);
	store_done(&s);
	return r;
}

const struct verb verb_wait = {
	.name = "wait",
	.synopsis = "NAME|ID...",
	.summary = "wait until sandboxes end, and print their exit statuses",
	.opts = wait_opts,
	.run = wait_run,
	.details =
		"The status of a run in the background (--detach) that has ended is kept for the first\n"
		"who asks, or for a day.",
};
