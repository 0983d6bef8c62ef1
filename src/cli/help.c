/*
 * help: what each verb does and takes, made from the same tables that parse it.
 * Touches standard output.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/manual.h"
#include "util/log.h"

void cli_help(const struct verb *v, FILE *out)
{
	fprintf(out, "sandbox %s %s\n\n%s\n", v->name, v->synopsis, v->summary);
	if (v->details)
		fprintf(out, "\n%s\n", v->details);
	opts_help(v->opts, out);
}

int cli_global_option(struct globals *g, const struct verb *v, int id, char *value)
{
	switch (id) {
	case OPT_STORE:
		if (g->store)
			strv_add_copy(&g->arena, &g->shared, g->store);
		g->store = value;
		return 1;
	case 'q':
		log_set_level(LOG_QUIET);
		return 1;
	case OPT_VERBOSE:
		log_set_level(LOG_VERBOSE);
		return 1;
	case OPT_HELP:
		cli_help(v, stdout);
		exit(0);
	default:
		return 0;
	}
}

struct help {
	struct globals *globals;
	const char *shell; /* --completion */
	bool man;	   /* --man */
};

static int help_option(void *arg, int id, char *value, struct err *e)
{
	struct help *h = arg;

	(void)e;
	if (id == OPT_MAN)
		h->man = true;
	else if (id == OPT_COMPLETION)
		h->shell = value;
	else
		(void)cli_global_option(h->globals, &verb_help, id, value);
	return 0;
}

const struct verb *cli_verb(const char *name)
{
	for (size_t i = 0; verbs[i]; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

static int help_verb(const char *name, struct err *e)
{
	const struct verb *v = cli_verb(name);

	if (!v)
		return err_set(e, 0, "no such verb: %s", name);
	cli_help(v, stdout);
	return 0;
}

static int help_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct help h = { .globals = g };
	int at = opts_parse(verb_help.opts, argc, argv, help_option, &h, e);

	if (at < 0)
		return -1;
	if (h.man) {
		manual_write(stdout);
		return 0;
	}
	if (h.shell)
		return completion_write(h.shell, stdout) < 0
			       ? err_set(e, 0, "--completion: only bash and zsh are known: %s",
					 h.shell)
			       : 0;
	if (at < argc)
		return help_verb(argv[at], e);
	printf("sandbox runs Docker and OCI images without root and without a daemon.\n\n");
	for (size_t i = 0; verbs[i]; i++)
		printf("  sandbox %-8s %s\n", verbs[i]->name, verbs[i]->summary);
	printf("\n`sandbox help VERB` tells what a verb takes.  `sandbox --version` tells which this is.\n");
	return 0;
}

static const struct opt help_opts[] = {
	{ OPT_MAN, "man", NULL, "the man page, for man(1)" },
	{ OPT_COMPLETION, "completion", "bash|zsh", "a completion script for that shell" },
	OPTS_GLOBAL,
};

const struct verb verb_help = {
	.name = "help",
	.synopsis = "[VERB]",
	.summary = "tell what there is, or what a verb takes",
	.opts = help_opts,
	.run = help_run,
};
