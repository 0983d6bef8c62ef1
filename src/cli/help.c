/*
 * help: the verb `help`: explains a verb from the tables that parse it.
 * Touches standard output.
 */
#include <stdio.h>

#include "cli/completion.h"
#include "cli/manual.h"
#include "cli/unknown_verb.h"
#include "cli/verb.h"

struct help_options {
	const char *shell; /* --completion */
	bool man;	   /* --man */
};

static const struct opt help_opts[] = {
	{ 0, "man", NULL, "print the man page, for man(1)", opt_flag,
		.offset = offsetof(struct help_options, man) },
	{ 0, "completion", "bash|zsh", "print a completion script for that shell", opt_text,
		.offset = offsetof(struct help_options, shell) },
	{ 0 },
};

static int help_run(struct call *c, struct err *e)
{
	const struct help_options *o = c->options;
	const struct verb *v = c->n ? verb_find(c->words[0]) : NULL;

	if (o->man) {
		manual_write(stdout);
	} else if (o->shell) {
		if (completion_write(o->shell, stdout) < 0)
			return err_set(
				e, 0, "--completion %s: only bash and zsh are supported", o->shell);
	} else if (v) {
		verb_write_help(v, stdout);
	} else if (c->n) {
		return unknown_verb(c->words, &c->arena, e);
	} else {
		printf("sandbox runs Docker and OCI images without root and without a daemon.\n\n");
		for (size_t i = 0; verbs[i]; i++)
			printf("  sandbox %-8s %s\n", verbs[i]->name, verbs[i]->summary);
		printf("\n`sandbox help VERB` explains a verb.  `sandbox --version` prints the version.\n");
	}
	return 0;
}

const struct verb verb_help = {
	.name = "help",
	.synopsis = "[VERB]",
	.summary = "list the verbs, or explain one",
	.opts = help_opts,
	.size = sizeof(struct help_options),
	.most = VERB_ANY,
	.unconfigured = true,
	.run = help_run,
};
