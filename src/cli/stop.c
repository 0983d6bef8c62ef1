/*
 * stop: the verb `stop`: ask sandboxes to end, and end those that do not.
 * Reads the store; sends signals.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "cli/cli.h"
#include "plan/plan.h"
#include "plan/saved.h"
#include "runs/runs.h"
#include "util/fd.h"

#define STOP_SECONDS 10	   /* as Docker has it */
#define STOP_KILL_MS 10000 /* in which the kernel has done away with everything */
#define STOP_SECONDS_MAX 1000000

struct stop_verb {
	struct globals *globals;
	long seconds;
};

struct stop_one {
	struct live_run run;
	struct proc init, runner; /* pid 0: has ended */
	int number;
};

static const struct opt stop_opts[] = {
	{ 't', "time", "SECONDS", "how long to wait before SIGKILL (10)" },
	OPTS_GLOBAL,
};

static int stop_option(void *arg, int id, char *value, struct err *e)
{
	struct stop_verb *v = arg;
	char *end;

	if (id != 't') {
		(void)cli_global_option(v->globals, &verb_stop, id, value);
		return 0;
	}
	errno = 0;
	v->seconds = strtol(value, &end, 10);
	if (errno || end == value || *end || v->seconds < 0 || v->seconds > STOP_SECONDS_MAX)
		return err_set(e, 0, "--time: not a number of seconds up to %d: %s",
			STOP_SECONDS_MAX, value);
	return 0;
}

static int stop_find(struct stop_one *o, struct store *s, const char *name, struct err *e)
{
	struct plan p = { 0 };
	int r = 0;

	if (runs_find(&s->runs, name, &o->run, e) < 0)
		return -1;
	if (!o->run.alive) /* only its status is still there */
		return 0;
	if (live_run_open_init(&o->run, &o->init, e) < 0 ||
		plan_load(&p, json_get(o->run.facts, "plan"), e) < 0)
		r = -1;
	o->number = p.stop_signal;
	plan_done(&p);
	if (r == 0 && proc_open(&o->runner, (pid_t)live_run_number(&o->run, "runner"), 0) < 0)
		o->runner.pid = 0;
	return r;
}

static long stop_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until its runner is gone, too: then nothing of it is left.  One that its shell had stopped goes
 * on to see the end. */
static int stop_end(struct stop_one *o, const char *name, long deadline, struct err *e)
{
	long left = deadline - stop_now();

	if (o->init.pid && !proc_wait(&o->init, left < 0	 ? 0
						: left > INT_MAX ? INT_MAX
								 : (int)left)) {
		(void)proc_signal(&o->init, SIGKILL);
		if (!proc_wait(&o->init, STOP_KILL_MS))
			return err_set(e, 0, "%s: is still there after SIGKILL", name);
	}
	if (o->runner.pid && proc_signal(&o->runner, SIGCONT) == 0)
		(void)proc_wait(&o->runner, STOP_KILL_MS);
	printf("%s\n", name);
	return 0;
}

static int stop_all(struct stop_verb *v, struct store *s, char **names, size_t n, struct err *e)
{
	struct stop_one *all = xmalloc(n * sizeof(*all));
	long deadline;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		all[i] = (struct stop_one){
			.run = LIVE_RUN_NONE, .init = PROC_NONE, .runner = PROC_NONE
		};
	for (size_t i = 0; r == 0 && i < n; i++)
		r = stop_find(&all[i], s, names[i], e);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (all[i].init.pid)
			(void)proc_signal(&all[i].init, all[i].number); /* it may have ended */
	deadline = stop_now() + v->seconds * 1000;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = stop_end(&all[i], names[i], deadline, e);
	for (size_t i = 0; i < n; i++) {
		proc_done(&all[i].init);
		proc_done(&all[i].runner);
		live_run_done(&all[i].run);
	}
	free(all);
	return r;
}

static int stop_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct stop_verb v = { .globals = g, .seconds = STOP_SECONDS };
	struct store s = STORE_NONE;
	int at = opts_parse(stop_opts, argc, argv, stop_option, &v, e), r = at < 0 ? -1 : 0;

	if (r == 0 && at == argc)
		r = err_set(e, 0, "stop: no sandbox given");
	if (r == 0)
		r = store_open(&s, g->store, e);
	if (r == 0)
		r = stop_all(&v, &s, argv + at, (size_t)(argc - at), e);
	store_done(&s);
	return r;
}

const struct verb verb_stop = {
	.name = "stop",
	.synopsis = "[-t SECONDS] NAME|ID...",
	.summary = "ask sandboxes to end, and end those that do not",
	.opts = stop_opts,
	.run = stop_run,
	.details =
		"Each command gets the signal of `run --stop-signal`, else the image's StopSignal,\n"
		"else TERM; what still runs after SECONDS is ended by KILL.",
};
