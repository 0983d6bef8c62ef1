/*
 * process: arguments, environment and working directory from the image's config and the options.
 * Touches memory only.
 */
#include "plan/process.h"

#include <signal.h>
#include <string.h>

#include "plan/defaults.h"
#include "util/log.h"
#include "util/path.h"
#include "util/signame.h"

static void process_copy(struct arena *a, struct strv *l, char *const *v)
{
	for (; v && *v; v++)
		strv_add_copy(a, l, *v);
}

int process_args(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e)
{
	bool command = o->command && o->command[0];
	struct strv args = { 0 };

	if (o->entrypoint && *o->entrypoint)
		strv_add_copy(&p->arena, &args, o->entrypoint);
	else if (!o->entrypoint)
		process_copy(&p->arena, &args, c->entrypoint);
	if (command || !o->entrypoint)
		process_copy(&p->arena, &args, command ? o->command : c->cmd);
	p->args = args.v;
	if (args.n)
		return 0;
	if (o->entrypoint)
		(void)err_set(e, 0,
			"no command: --entrypoint \"\" clears the image's entrypoint and command");
	else
		(void)err_set(
			e, 0, "no command: the image has neither an entrypoint nor a command");
	return err_hint(e, "give one after the image: sandbox run IMAGE COMMAND [ARG...]");
}

/* Set the variable of entry, NAME=VALUE; an entry without '=' removes it. */
static void process_set_env(struct arena *a, struct strv *env, const char *entry)
{
	size_t name = strcspn(entry, "="), at = 0;
	bool unset = !entry[name];

	if (!name)
		return;
	while (at < env->n && !(strncmp(env->v[at], entry, name) == 0 && env->v[at][name] == '='))
		at++;
	if (!unset && at == env->n) {
		strv_add_copy(a, env, entry);
	} else if (!unset) {
		env->v[at] = arena_strdup(a, entry);
	} else if (at < env->n) {
		memmove(&env->v[at], &env->v[at + 1], (env->n - at) * sizeof(*env->v));
		env->n--;
	}
}

/* Variables of the caller that name files of the host, and would be wrong inside. */
static bool process_is_hosts_own(const char *entry)
{
	static const char *const names[] = { "PATH", "HOME", "HOSTNAME", "PWD", "OLDPWD", "SHELL",
		"TMPDIR", "_", "container" };
	size_t n = strcspn(entry, "=");

	if (!entry[n] || strncmp(entry, "LD_", 3) == 0)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == n && strncmp(entry, names[i], n) == 0)
			return true;
	return false;
}

static bool process_has_env(const struct strv *env, const char *prefix)
{
	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

void process_env(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, const char *home)
{
	struct arena *a = &p->arena;
	struct strv env = { 0 };

	strv_add_copy(a, &env, "PATH=" PATH_DEFAULT);
	strv_add(a, &env, arena_printf(a, "HOSTNAME=%s", p->hostname));
	if (h->term || o->tty)
		strv_add(a, &env, arena_printf(a, "TERM=%s", h->term ? h->term : "xterm"));
	strv_add_copy(a, &env, "container=sandbox");
	for (char *const *v = h->environ; o->env_host && v && *v; v++)
		if (!process_is_hosts_own(*v))
			process_set_env(a, &env, *v);
	for (char **v = c->env; v && *v; v++)
		process_set_env(a, &env, *v);
	if (o->timezone && h->zone_in_image)
		process_set_env(a, &env, arena_printf(a, "TZ=%s", o->timezone));
	for (size_t i = 0; i < o->env.n; i++)
		process_set_env(a, &env, o->env.v[i]);
	for (size_t i = 0; i < o->edits.env.n; i++)
		process_set_env(a, &env, o->edits.env.v[i]);
	if (!process_has_env(&env, "HOME="))
		strv_add(a, &env, arena_printf(a, "HOME=%s", home));
	p->env = env.v;
}

void process_exec_env(
	struct plan *p, char *const *run, const struct exec_options *o, const char *term)
{
	struct strv env = { 0 };

	for (; run && *run; run++)
		process_set_env(&p->arena, &env, *run);
	if (o->tty)
		process_set_env(
			&p->arena, &env, arena_printf(&p->arena, "TERM=%s", term ? term : "xterm"));
	for (size_t i = 0; i < o->env.n; i++)
		process_set_env(&p->arena, &env, o->env.v[i]);
	p->env = env.v;
}

void process_fds(struct plan *p, const struct strv *numbers)
{
	p->fds = NULL;
	for (size_t i = 0; i < numbers->n; i++)
		p->fds = arena_printf(&p->arena, "%s%s%s", p->fds ? p->fds : "", p->fds ? "," : "",
			numbers->v[i]);
}

int process_cwd(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e)
{
	const char *from = o->workdir && *o->workdir ? o->workdir : c->working_dir;
	char clean[PATH_TEXT_MAX];

	if (!from)
		from = "/";
	if (path_clean_in_root(from, clean, sizeof(clean)) < 0)
		return err_set(e, 0, "%s %.80s: too long",
			from == o->workdir ? "--workdir" : "working directory", from);
	p->cwd = arena_printf(&p->arena, "/%s", clean);
	return 0;
}

static bool process_is_among(const char *arg, const char *const *names)
{
	const char *slash = strrchr(arg, '/');

	while (*names && strcmp(*names, slash ? slash + 1 : arg) != 0)
		names++;
	return *names;
}

void process_hint(const struct plan *p)
{
	static const char *const systemd[] = { "systemd", NULL }, *const init[] = { "init", NULL },
				 *const postgres[] = { "postgres", "initdb", "pg_ctl",
					 "pg_ctlcluster", "pg_createcluster", NULL };
	const bool root_alone = p->uid == 0 && !p->map_helpers && !p->host_ids;

	if (process_is_among(p->args[0], systemd) ||
		(!p->no_init && process_is_among(p->args[0], init)))
		log_note(
			"%s expects to be process 1, which --no-init makes it; systemd does not work all the same, because it mounts file systems",
			p->args[0]);
	/* The second word: `docker-entrypoint.sh postgres`, `su postgres`. */
	if (root_alone && (process_is_among(p->args[0], postgres) ||
				  (p->args[1] && process_is_among(p->args[1], postgres))))
		log_note(
			"PostgreSQL refuses to run as root: use -u postgres, or --subuid, where it can become that user");
}

int process_stop_signal(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e)
{
	p->stop_signal = SIGTERM;
	if (o->stop_signal) {
		p->stop_signal = signame_number(o->stop_signal);
		return p->stop_signal > 0
			       ? 0
			       : err_set(e, 0, "--stop-signal %s: unknown signal", o->stop_signal);
	}
	if (!c->stop_signal || !*c->stop_signal)
		return 0;
	p->stop_signal = signame_number(c->stop_signal);
	if (p->stop_signal < 0) {
		log_note("unknown StopSignal %s in the image; using TERM", c->stop_signal);
		p->stop_signal = SIGTERM;
	}
	return 0;
}
