/*
 * stop: the verb `stop`: asks sandboxes to end, and kills those that do not.
 * Reads the store; sends signals.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/kill.h"
#include "cli/verb.h"
#include "launch/live_plan.h"
#include "plan/plan.h"
#include "runs/runs.h"
#include "util/proc.h"

#define STOP_SECONDS 10 /* as in Docker */
#define STOP_FOREVER (-1)
#define STOP_UNSET (-2)
#define STOP_KILL_MS 10000 /* the kernel needs less to end all processes */
#define STOP_SECONDS_MAX 1000000

struct stop_one {
	struct proc init, runner; /* pid 0: it has ended */
	int number;
	bool alone;  /* process 1 is the command */
	bool lost;   /* there is no such run */
	int seconds; /* between the signal and SIGKILL */
};

struct stop_options {
	int seconds, signal; /* signal 0: the run's */
};

static int stop_seconds(const struct opt_given *g)
{
	if (strcmp(g->text, "-1") != 0)
		return opt_number(g);
	*(int *)g->to = STOP_FOREVER;
	return 0;
}

/* clang-format off */
static const struct opt stop_opts[] = {
	{ 't', "time", "SECONDS", "wait SECONDS before SIGKILL (10, or `run --stop-timeout`); -1: for ever", stop_seconds, .offset = offsetof(struct stop_options, seconds), .limit = STOP_SECONDS_MAX },
	{ 0, "timeout", "SECONDS", "the same", stop_seconds, .offset = offsetof(struct stop_options, seconds), .limit = STOP_SECONDS_MAX },
	{ 's', "signal", "SIGNAL", "send SIGNAL first, not the run's", kill_signal, .offset = offsetof(struct stop_options, signal) },
	{ 0 },
};
/* clang-format on */

static int stop_find(struct stop_one *o, struct store *s, const char *name,
	const struct stop_options *want, struct err *e)
{
	struct live_run run;
	struct plan p = { 0 };
	int r = runs_find(&s->runs, name, &run, e);

	/* Of a run that has ended, only the status is left. */
	if (r == 0 && run.alive) {
		if (live_run_open_init(&run, &o->init, e) < 0 || live_plan_read(&run, &p, e) < 0)
			r = -1;
		o->alone = live_run_is_alone(&run, p.no_init);
		o->number = want->signal ? want->signal : p.stop_signal ? p.stop_signal : SIGTERM;
		o->seconds = want->seconds != STOP_UNSET ? want->seconds
			     : p.stop_timeout		 ? (int)p.stop_timeout
							 : STOP_SECONDS;
		plan_done(&p);
		if (r == 0 && proc_open(&o->runner, (pid_t)live_run_number(&run, "runner"), 0) < 0)
			o->runner.pid = 0;
	}
	live_run_done(&run);
	return r;
}

/* Wait also for the end of the runner, which cleans up.  A shell may have stopped it: continue
 * it. */
static int stop_end(struct stop_one *o, const char *name, int64_t since, struct err *e)
{
	int64_t left = since + o->seconds * 1000L - proc_clock();

	if (o->init.pid && !proc_wait(&o->init, o->seconds == STOP_FOREVER ? -1
						: left < 0		   ? 0
						: left > INT_MAX	   ? INT_MAX
									   : (int)left)) {
		(void)proc_signal(&o->init, SIGKILL);
		if (!proc_wait(&o->init, STOP_KILL_MS))
			return err_set(e, 0, "%s: still runs after SIGKILL", name);
	}
	if (o->runner.pid && proc_signal(&o->runner, SIGCONT) == 0)
		(void)proc_wait(&o->runner, STOP_KILL_MS);
	printf("%s\n", name);
	return 0;
}

static int stop_run(struct call *c, struct err *e)
{
	const size_t n = c->n;
	struct stop_one *all = xmalloc(n * sizeof(*all));
	struct rlimit files;
	int64_t since;
	int r = 0;

	/* Each run takes two descriptors, and the usual limit is 1,024. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	for (size_t i = 0; i < n; i++)
		all[i] = (struct stop_one){ .init = PROC_NONE, .runner = PROC_NONE };
	for (size_t i = 0; i < n; i++) {
		struct err one = { 0 };

		all[i].lost = stop_find(&all[i], &c->store, c->words[i], c->options, &one) < 0;
		if (all[i].lost)
			r = verb_fail(r, e, &one);
	}
	for (size_t i = 0; i < n; i++)
		if (all[i].init.pid && !all[i].lost)
			/* it may have ended */
			(void)proc_signal_command(&all[i].init, all[i].alone, all[i].number);
	since = proc_clock();
	for (size_t i = 0; i < n; i++) {
		struct err one = { 0 };

		if (!all[i].lost && stop_end(&all[i], c->words[i], since, &one) < 0)
			r = verb_fail(r, e, &one);
	}
	for (size_t i = 0; i < n; i++) {
		proc_done(&all[i].init);
		proc_done(&all[i].runner);
	}
	free(all);
	return r;
}

const struct verb verb_stop = {
	.name = "stop",
	.synopsis = "[-t SECONDS] [-s SIGNAL] NAME|ID...",
	.summary = "stop sandboxes: ask them to end, then kill them",
	.opts = stop_opts,
	.size = sizeof(struct stop_options),
	.defaults = &(const struct stop_options){ .seconds = STOP_UNSET },
	.least = 1,
	.most = VERB_ANY,
	.wants = "no sandbox given",
	.words = VERB_RUNS,
	.store = VERB_STORE_OWN,
	.details =
		"Each command gets the signal of `run --stop-signal`, or the image's StopSignal, or TERM.  A command that still\n"
		"runs after SECONDS gets KILL.",
	.run = stop_run,
};
