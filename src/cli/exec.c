/*
 * exec: the verb `exec`: one more command in a sandbox that runs.
 * Reads the store; touches what the runtime touches.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/env.h"
#include "cli/verb.h"
#include "launch/facts.h"
#include "plan/process.h"
#include "plan/saved.h"
#include "plan/user.h"
#include "runs/runs.h"
#include "runtime/attach.h"
#include "util/fd.h"
#include "util/path.h"

struct exec_options {
	struct strv env;
	const char *workdir, *user;
	bool tty, accepted;
};

#define AT(member) .offset = offsetof(struct exec_options, member)

/* clang-format off */
static const struct opt exec_opts[] = {
	{ 'e', "env", "NAME[=VALUE]", "set a variable, or pass on the caller's", env_option, AT(env) },
	{ 0, "env-file", "FILE", "read such lines from FILE", env_option_file, AT(env) },
	{ 'w', "workdir", "DIR", "start in DIR", opt_text, AT(workdir) },
	{ 'u', "user", "USER[:GROUP]", "run as this user; needs a sandbox started with --subuid", opt_text, AT(user) },
	{ 't', "tty", NULL, "give the command a terminal of its own", opt_flag, AT(tty) },
	{ 'i', "interactive", NULL, "no effect: standard input is always passed on", opt_flag, AT(accepted) },
	{ 0 },
};
/* clang-format on */

static int exec_set_user(const struct exec_options *o, struct plan *p, struct err *e)
{
	auto_fd rootfs = -1;
	struct user user;
	const char *passwd, *group;

	if (!o->user || !*o->user)
		return 0;
	/* The files of the image as it lies in the store, not of the sandbox that runs: nobody changes
	 * them under our hands. */
	rootfs = open(p->rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	passwd = rootfs < 0 ? NULL : facts_read(rootfs, "etc/passwd", &p->arena);
	group = rootfs < 0 ? NULL : facts_read(rootfs, "etc/group", &p->arena);
	if (user_resolve(o->user, passwd, group, &p->arena, &user, e) < 0)
		return -1;
	if (!p->map_helpers && !p->host_ids && (user.uid != p->uid || user.gid != p->gid)) {
		(void)err_set(e, 0, "--user %s: only %u:%u is mapped in this sandbox", o->user,
			p->uid, p->gid);
		return err_hint(e, "start it with `sandbox run --subuid` to use other users");
	}
	p->uid = user.uid;
	p->gid = user.gid;
	return 0;
}

static int exec_plan(const struct exec_options *o, const struct live_run *r, char **args,
	struct plan *p, struct err *e)
{
	char clean[PATH_TEXT_MAX];
	struct strv env = { 0 }, words = { 0 };
	const char *term = getenv("TERM");

	if (plan_load(p, json_get(r->facts, "plan"), e) < 0)
		return err_wrap(e, "%s", live_run_text(r, "id"));
	for (char **s = p->env; s && *s; s++)
		process_set_env(&p->arena, &env, *s);
	if (o->tty)
		process_set_env(
			&p->arena, &env, arena_printf(&p->arena, "TERM=%s", term ? term : "xterm"));
	for (size_t i = 0; i < o->env.n; i++)
		process_set_env(&p->arena, &env, o->env.v[i]);
	p->env = env.v;
	for (; *args; args++)
		strv_add_copy(&p->arena, &words, *args);
	p->args = words.v;
	p->tty = o->tty;
	if (o->workdir && path_clean(o->workdir, clean, sizeof(clean)) < 0)
		return err_set(e, errno, "--workdir %s", o->workdir);
	if (o->workdir)
		p->cwd = arena_printf(&p->arena, "/%s", clean);
	return exec_set_user(o, p, e);
}

static int exec_run(struct call *c, struct err *e)
{
	char **command = verb_command(c);
	struct live_run r = LIVE_RUN_NONE;
	struct proc init = PROC_NONE;
	struct plan p = { 0 };
	int status = -1;

	if (!*command) {
		(void)err_set(e, 0, "exec: no command given");
		return err_hint(e, "`sandbox help exec` shows how");
	}
	if (runs_find(&c->store.runs, c->words[0], &r, e) == 0 &&
		live_run_open_init(&r, &init, e) == 0 &&
		exec_plan(c->options, &r, command, &p, e) == 0)
		status = attach_run(&p, &init, e);
	plan_done(&p);
	proc_done(&init);
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
	.store = VERB_STORE_OWN,
	.run = exec_run,
	.details =
		"The command gets the namespaces, variables, user and confinement of the sandbox.  It ends when the sandbox\n"
		"ends, or before.  Exit status: the command's; 125: sandbox failed; 126: the command cannot be executed;\n"
		"127: it was not found.",
};
