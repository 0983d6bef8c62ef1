/*
 * process: arguments, environment and working directory from the image's config and the options.
 * Called by plan.c.
 * Touches memory only.
 */
#include "plan/process.h"

#include <errno.h>
#include <string.h>

#include "plan/defaults.h"
#include "util/path.h"

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

/* Replace the value of entry's name, or add it; an entry without '=' takes its name out. */
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

	strv_add_copy(a, &env, "PATH=" DEFAULTS_PATH);
	strv_add(a, &env, arena_printf(a, "HOSTNAME=%s", p->hostname));
	if (h->term)
		strv_add(a, &env, arena_printf(a, "TERM=%s", h->term));
	strv_add_copy(a, &env, "container=sandbox");
	for (char **v = c->env; v && *v; v++)
		process_set_env(a, &env, *v);
	for (size_t i = 0; i < o->env.n; i++)
		process_set_env(a, &env, o->env.v[i]);
	if (!process_has_env(&env, "HOME="))
		strv_add(a, &env, arena_printf(a, "HOME=%s", home));
	p->env = env.v;
}

int process_cwd(
	struct plan *p, const struct image_config *c, const struct run_options *o, struct err *e)
{
	const char *from = o->workdir && *o->workdir ? o->workdir : c->working_dir;
	char clean[PATH_TEXT_MAX];

	if (!from)
		from = "/";
	if (path_clean(from, clean, sizeof(clean)) < 0)
		return err_set(e, 0, "working directory %s: %s", from,
			errno == EXDEV ? "leads out of the image" : "too long");
	p->cwd = arena_printf(&p->arena, "/%s", clean);
	return 0;
}
