/*
 * kill: the verb `kill`: a signal for the command of a sandbox.
 * Reads the store; sends signals.
 */
#include <errno.h>
#include <signal.h>

#include "cli/cli.h"
#include "runs/runs.h"
#include "util/fd.h"
#include "util/signame.h"

struct kill_verb {
	struct globals *globals;
	int number;
};

static const struct opt kill_opts[] = {
	{ 's', "signal", "SIGNAL", "which (KILL)" },
	OPTS_GLOBAL,
};

static int kill_option(void *arg, int id, char *value, struct err *e)
{
	struct kill_verb *v = arg;

	if (id != 's') {
		(void)cli_global_option(v->globals, &verb_kill, id, value);
		return 0;
	}
	v->number = signame_number(value);
	return v->number > 0 ? 0 : err_set(e, 0, "--signal: no such signal: %s", value);
}

/* Process 1 passes on what it can catch.  It cannot catch STOP, which is meant for the command. */
static int kill_stop(const struct proc *init)
{
	struct proc payload = PROC_NONE;
	pid_t pid = proc_first_child(init->pid);
	int r = -1;

	if (pid <= 0)
		return proc_signal(init, SIGSTOP);
	if (proc_open(&payload, pid, 0) == 0 && proc_first_child(init->pid) == pid)
		r = proc_signal(&payload, SIGSTOP);
	proc_done(&payload);
	return r;
}

static int kill_one(struct store *s, const char *name, int number, struct err *e)
{
	struct live_run r = LIVE_RUN_NONE;
	struct proc init = PROC_NONE;
	int status = -1;

	if (runs_find(&s->runs, name, &r, e) == 0 && live_run_open_init(&r, &init, e) == 0) {
		status = number == SIGSTOP ? kill_stop(&init) : proc_signal(&init, number);
		if (status < 0)
			(void)err_set(e, errno, "%s: send the signal", name);
		else
			printf("%s\n", name);
	}
	proc_done(&init);
	live_run_done(&r);
	return status;
}

static int kill_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct kill_verb v = { .globals = g, .number = SIGKILL };
	struct store s = STORE_NONE;
	int at = opts_parse(kill_opts, argc, argv, kill_option, &v, e), r = at < 0 ? -1 : 0;

	if (r == 0 && at == argc)
		r = err_set(e, 0, "kill: no sandbox given");
	if (r == 0)
		r = store_open(&s, g->store, e);
	for (; r == 0 && at < argc; at++)
		r = kill_one(&s, argv[at], v.number, e);
	store_done(&s);
	return r;
}

const struct verb verb_kill = {
	.name = "kill",
	.synopsis = "[-s SIGNAL] NAME|ID...",
	.summary = "send a signal to the command of a sandbox",
	.opts = kill_opts,
	.run = kill_run,
};
