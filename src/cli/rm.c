/*
 * rm: the verb `rm`: images out of the store.
 * Called by main.c.  Touches the store.
 */
#include "cli/cli.h"

static const struct opt rm_opts[] = {OPTS_GLOBAL};

static int rm_option(void *arg, int id, char *value, struct err *e)
{
	(void)e;
	(void)cli_global_option(arg, &verb_rm, id, value);
	return 0;
}

static int rm_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct store s = STORE_NONE;
	int at = opts_parse(rm_opts, argc, argv, rm_option, g, e), r = at < 0 ? -1 : 0;

	if (r == 0 && at == argc)
		r = err_set(e, 0, "rm: no image given");
	if (r == 0)
		r = store_open(&s, g->store, e);
	for (; r == 0 && at < argc; at++)
		r = store_remove(&s, argv[at], e);
	store_done(&s);
	return r;
}

const struct verb verb_rm = {
	.name = "rm",
	.synopsis = "IMAGE...",
	.summary = "remove images from the store",
	.opts = rm_opts,
	.run = rm_run,
	.details = "IMAGE is a name, or the first digits of an id.  Where an image has several names, only the one given goes;\n"
		   "the last name, or the id, takes the image with it.  An image that is in use stays.",
};
