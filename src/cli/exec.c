/*
 * exec: the verb `exec`: runs one more command in a running sandbox.
 * Reads the store; touches what the runtime touches.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "cli/env.h"
#include "cli/verb.h"
#include "launch/facts.h"
#include "launch/live_plan.h"
#include "launch/step.h"
#include "plan/make.h"
#include "runs/runs.h"
#include "runtime/attach.h"
#include "runtime/own_binary.h"
#include "util/fd.h"

#define AT(member) .offset = offsetof(struct exec_options, member)

/* clang-format off */
static const struct opt exec_opts[] = {
	{ 'e', "env", "NAME[=VALUE]", "set a variable, or pass on the caller's", env_option, AT(env) },
	{ 0, "env-file", "FILE", "read such lines from FILE", env_option_file, AT(env) },
	{ 'w', "workdir", "DIR", "start in DIR", opt_text, AT(workdir) },
	{ 'u', "user", "USER[:GROUP]", "run as this user; needs a sandbox started with --subuid or --emulate=ids", opt_text, AT(user) },
	{ 't', "tty", NULL, "give the command a terminal of its own", opt_flag, AT(tty) },
	{ 0, "preserve-fd", "N[,N...]", "pass on these descriptors, under their own numbers", env_option_fds, AT(fds) },
	{ 0, "hpc", NULL, "pass on what a rank of MPI needs: the default in a job step of Slurm and others", opt_whether, AT(hpc) },
	{ 0, "no-hpc", NULL, "be as outside of a job step", opt_whether_not, AT(hpc) },
	{ 'i', "interactive", NULL, "no effect: standard input is always passed on", opt_ignored, .offset = 0 },
	{ 0, "detach-keys", "KEYS", "no effect: no keys detach a command", opt_ignored, .offset = 0 },
	{ 'd', "detach", NULL, "refused: a command of exec has no entry of its own; start sandbox in the background", opt_refused, .offset = 0 },
	{ 0, "privileged", NULL, "refused: a command gets the sandbox's confinement", opt_refused, .offset = 0 },
	{ 0 },
};
/* clang-format on */

/* From the image on the disk, not from the running sandbox, whose command could change the files
 * meanwhile. */
static void exec_facts(struct host_facts *h, const struct plan *run, struct arena *a)
{
	auto_fd rootfs = open(run->rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (rootfs < 0)
		return;
	h->passwd = facts_read(rootfs, "etc/passwd", a);
	h->group = facts_read(rootfs, "etc/group", a);
}

static int exec_run(struct call *c, struct err *e)
{
	struct exec_options *o = c->options;
	struct host_facts h = { .term = getenv("TERM") };
	struct live_run r = LIVE_RUN_NONE;
	__attribute__((cleanup(join_done))) struct join j = JOIN_NONE;
	struct plan run = { 0 }, p = { 0 };
	struct runtime_events ev = { 0 };
	int status = -1;

	o->command = verb_command(c);
	if (!*o->command) {
		(void)err_set(e, 0, "exec: no command given");
		return err_hint(e, "`sandbox help exec` shows how");
	}
	if (runs_find(&c->store.runs, c->words[0], &r, e) == 0 && own_binary_seal(e) == 0 &&
		live_plan_join(&r, &run, &j, e) == 0) {
		step_join_exec(o, &c->arena);
		if (o->user)
			exec_facts(&h, &run, &c->arena);
		if (plan_make_exec(&p, &run, o, &h, e) == 0)
			status = attach_run(&p, &j, &ev, e);
	}
	if (o->hpc > 0)
		c->globals->ended_by = ev.signal;
	plan_done(&p);
	plan_done(&run);
	live_run_done(&r);
	return status;
}

const struct verb verb_exec = {
	.name = "exec",
	.synopsis = "[OPTIONS] NAME|ID COMMAND [ARG...]",
	.summary = "run a command in a running sandbox",
	.opts = exec_opts,
	.size = sizeof(struct exec_options),
	.least = 1,
	.most = VERB_ANY,
	.wants = "no sandbox given",
	.words = VERB_RUNS,
	.command = true,
	.store = VERB_STORE_OWN,
	.run = exec_run,
	.details =
		"The command gets the namespaces, variables, user and confinement of the sandbox.  It ends when the sandbox\n"
		"ends, or before.  Exit status: the command's; 125: sandbox failed; 126: the command cannot be executed;\n"
		"127: it was not found.",
};
