/*
 * exec: the verb `exec`: one more command in a sandbox that runs.
 * Reads the store; touches what the runtime touches.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/env.h"
#include "launch/facts.h"
#include "plan/process.h"
#include "plan/saved.h"
#include "plan/user.h"
#include "runs/runs.h"
#include "runtime/runtime.h"
#include "util/fd.h"
#include "util/path.h"

struct exec_verb {
	struct globals *globals;
	struct arena arena;
	struct strv env;
	const char *workdir, *user;
	bool tty;
};

static const struct opt exec_opts[] = {
	{ 'e', "env", "NAME[=VALUE]", "set a variable, or take it from the caller" },
	{ OPT_ENV_FILE, "env-file", "FILE", "a file of such lines" },
	{ 'w', "workdir", "DIR", "directory to start in" },
	{ 'u', "user", "USER[:GROUP]", "another user; only where it was run with --subuid" },
	{ 't', "tty", NULL, "a terminal of its own" },
	{ 'i', "interactive", NULL, "accepted: standard input is always passed on" },
	OPTS_GLOBAL,
};

static int exec_option(void *arg, int id, char *value, struct err *e)
{
	struct exec_verb *v = arg;

	switch (id) {
	case 'e':
		return env_add(&v->env, &v->arena, value, e);
	case OPT_ENV_FILE:
		return env_add_file(&v->env, &v->arena, value, e);
	case 'w':
		v->workdir = value;
		return 0;
	case 'u':
		v->user = value;
		return 0;
	case 't':
		v->tty = true;
		return 0;
	case 'i':
		return 0;
	default:
		(void)cli_global_option(v->globals, &verb_exec, id, value);
		return 0;
	}
}

static int exec_set_user(const struct exec_verb *v, struct plan *p, struct err *e)
{
	auto_fd rootfs = -1;
	struct user user;
	const char *passwd, *group;

	if (!v->user || !*v->user)
		return 0;
	/* The files of the image as it lies in the store, not of the sandbox that runs: nobody changes
	 * them under our hands. */
	rootfs = open(p->rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	passwd = rootfs < 0 ? NULL : facts_read(rootfs, "etc/passwd", &p->arena);
	group = rootfs < 0 ? NULL : facts_read(rootfs, "etc/group", &p->arena);
	if (user_resolve(v->user, passwd, group, &p->arena, &user, e) < 0)
		return -1;
	if (!p->map_helpers && !p->host_ids && (user.uid != p->uid || user.gid != p->gid)) {
		(void)err_set(e, 0, "--user %s: this sandbox has no ids but %u:%u", v->user, p->uid,
			p->gid);
		return err_hint(e, "`sandbox run --subuid` gives one that has");
	}
	p->uid = user.uid;
	p->gid = user.gid;
	return 0;
}

static int exec_plan(const struct exec_verb *v, const struct live_run *r, char **args,
	struct plan *p, struct err *e)
{
	char clean[PATH_TEXT_MAX];
	struct strv env = { 0 }, words = { 0 };
	const char *term = getenv("TERM");

	if (plan_load(p, json_get(r->facts, "plan"), e) < 0)
		return err_wrap(e, "%s", live_run_text(r, "id"));
	for (char **s = p->env; s && *s; s++)
		process_set_env(&p->arena, &env, *s);
	if (v->tty)
		process_set_env(
			&p->arena, &env, arena_printf(&p->arena, "TERM=%s", term ? term : "xterm"));
	for (size_t i = 0; i < v->env.n; i++)
		process_set_env(&p->arena, &env, v->env.v[i]);
	p->env = env.v;
	for (; *args; args++)
		strv_add_copy(&p->arena, &words, *args);
	p->args = words.v;
	p->tty = v->tty;
	if (v->workdir && path_clean(v->workdir, clean, sizeof(clean)) < 0)
		return err_set(e, errno, "--workdir %s", v->workdir);
	if (v->workdir)
		p->cwd = arena_printf(&p->arena, "/%s", clean);
	return exec_set_user(v, p, e);
}

static int exec_in(const struct exec_verb *v, const char *name, char **args, struct err *e)
{
	struct store s = STORE_NONE;
	struct live_run r = LIVE_RUN_NONE;
	struct proc init = PROC_NONE;
	struct plan p = { 0 };
	int status = -1;

	if (store_open(&s, v->globals->store, e) == 0 && runs_find(&s.runs, name, &r, e) == 0 &&
		live_run_open_init(&r, &init, e) == 0 && exec_plan(v, &r, args, &p, e) == 0)
		status = runtime_exec(&p, &init, e);
	plan_done(&p);
	proc_done(&init);
	live_run_done(&r);
	store_done(&s);
	return status;
}

static int exec_verb_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct exec_verb v = { .globals = g };
	int at = opts_parse(exec_opts, argc, argv, exec_option, &v, e), status = -1;
	int first = at < 0 ? 0 : at + 1 + (at + 1 < argc && strcmp(argv[at + 1], "--") == 0);

	if (at >= 0 && first < argc) {
		status = exec_in(&v, argv[at], argv + first, e);
	} else if (at >= 0) {
		(void)err_set(
			e, 0, at < argc ? "exec: no command given" : "exec: no sandbox given");
		(void)err_hint(e, "`sandbox help exec` tells how");
	}
	arena_done(&v.arena);
	return status;
}

const struct verb verb_exec = {
	.name = "exec",
	.synopsis = "[OPTIONS] NAME|ID COMMAND [ARG...]",
	.summary = "run one more command in a sandbox that runs",
	.opts = exec_opts,
	.run = exec_verb_run,
	.details =
		"The command gets the namespaces, the variables, the user and the confinement of the\n"
		"sandbox, and ends with it at the latest.  Exit status: the command's; 125 sandbox\n"
		"failed, 126 the command cannot be executed, 127 it was not found.",
};
