/*
 * config: the verb `config`: the configuration as a run would use it, and where each value stands.
 * Reads what settings.c reads.
 */
#include <stdio.h>
#include <string.h>

#include "cli/image_arg.h"
#include "cli/run_opts.h"
#include "cli/verb.h"
#include "util/log.h"

struct config_args {
	const char *check; /* --check FILE */
};

static const struct opt config_opts[] = {
	{ 0, "check", "FILE", "check FILE instead, as if it were the site's", opt_text,
		.offset = offsetof(struct config_args, check) },
	{ 0 },
};

static void config_print(const struct opts *list, const struct settings *s)
{
	const char *preset = NULL;

	for (size_t i = 0; i < s->n; i++) {
		const struct setting *g = &s->v[i];

		/* a variable of another program, perhaps */
		if (!opts_use(list, s, i))
			continue;
		if (g->preset && (!preset || strcmp(preset, g->preset) != 0))
			printf("[preset %s]\n", g->preset);
		else if (!g->preset && preset)
			puts("[all]");
		preset = g->preset;
		if (g->file)
			printf("# %s:%d\n", g->file, g->line);
		else
			puts("# the environment");
		printf("%s = %s\n", g->key, g->value);
	}
	if (preset)
		puts("[all]");
	if (s->message)
		printf("message = %s\n", s->message);
	if (!s->locks.n)
		return;
	printf("# %s\nlock =", s->lock_at);
	for (size_t i = 0; i < s->locks.n; i++)
		printf(" %s", s->locks.v[i]);
	puts("");
}

/* The kinds of the options check the values: give them to a run that never starts. */
static int config_check(struct call *c, const struct settings *s, bool print, struct err *e)
{
	struct run_args args = run_defaults;
	struct globals globals = { 0 };
	const struct opts list[] = { { run_opts, &args, run_opts_check },
		{ image_arg_opts, &c->request, NULL }, { globals_opts, &globals, NULL },
		{ NULL, NULL, NULL } };
	const enum log_level level = log_get_level();
	int r = opts_apply(list, s, NULL, true, &c->arena, e);

	for (size_t i = 0; r == 0 && i < s->n; i++)
		if (s->v[i].preset)
			r = opts_apply(list, s, s->v[i].preset, true, &c->arena, e);
	for (size_t i = 0; r == 0 && i < s->locks.n; i++)
		if (!opts_have(list, s->locks.v[i]) && strcmp(s->locks.v[i], "message") != 0)
			r = err_set(e, 0, "%s: lock: no such key: %s", s->lock_at, s->locks.v[i]);
	if (r == 0 && print)
		config_print(list, s);
	log_set_level(level);
	arena_done(&globals.arena);
	return r;
}

static int config_check_file(struct call *c, const char *path, struct err *e)
{
	struct settings s = { 0 };
	int r = settings_read_file(&s, path, e) < 0 ? -1 : config_check(c, &s, false, e);

	settings_done(&s);
	return r;
}

static int config_run(struct call *c, struct err *e)
{
	const struct config_args *a = c->options;

	if (a->check)
		return config_check_file(c, a->check, e);
	if (c->globals->unread) {
		*e = *c->globals->unread;
		return -1;
	}
	return config_check(c, &c->globals->settings, true, e);
}

const struct verb verb_config = {
	.name = "config",
	.synopsis = "[--check FILE]",
	.summary = "print the configuration, and where each value stands",
	.opts = config_opts,
	.size = sizeof(struct config_args),
	.unconfigured = true,
	.run = config_run,
	.details =
		"A key is the long name of an option of `run`: \"network = none\", \"read-only = true\", \"volume = /data:/data\".  These are\n"
		"read, in this order: " SETTINGS_SITE
		", sandbox.conf.d/*.conf beside it in the order of their names, the\n"
		"same two in $XDG_CONFIG_HOME/sandbox or ~/.config/sandbox, and the environment (SANDBOX_DNS_SEARCH for dns-search).\n"
		"Options of the command line come last.  Values of options that may be repeated add up; of others, the last counts.  A\n"
		"key without a value forgets what was set before.\n"
		"%u is the user's name, %U the number, %h the home, %n the node, %% a percent sign, ${NAME} a variable of the\n"
		"environment.  A value after \"?\" counts only if its variables are set and, for a path, the file before its first\n"
		"colon exists.\n"
		"\"[preset NAME]\" begins lines that count with --preset NAME only, \"[all]\" lines that always count.\n"
		"\"message = TEXT\" is printed after every error of sandbox.  \"lock = KEY KEY...\", in a file of the site, refuses other\n"
		"values from users.  It guards against mistakes: whoever has a binary of their own goes around it.",
};
