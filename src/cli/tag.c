/*
 * tag: the verb `tag`: one more name for an image.
 * Touches the store.
 */
#include "cli/cli.h"

static const struct opt tag_opts[] = { OPTS_GLOBAL };

static int tag_option(void *arg, int id, char *value, struct err *e)
{
	(void)e;
	(void)cli_global_option(arg, &verb_tag, id, value);
	return 0;
}

static int tag_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct store s = STORE_NONE;
	char id[DIGEST_HEX + 1];
	int at = opts_parse(tag_opts, argc, argv, tag_option, g, e), r = at < 0 ? -1 : 0;

	if (r == 0 && argc - at != 2)
		r = err_set(e, 0, "tag: needs an image and a name");
	if (r == 0)
		r = cli_open_stores(&s, g, e);
	if (r == 0)
		r = store_resolve_own(&s, argv[at], id, e);
	if (r == 0)
		r = store_set_ref(&s, argv[at + 1], id, e);
	store_done(&s);
	return r;
}

const struct verb verb_tag = {
	.name = "tag",
	.synopsis = "IMAGE NAME[:TAG]",
	.summary = "give an image in the store one more name",
	.opts = tag_opts,
	.run = tag_run,
	.details =
		"A name that another image has is taken from it.  `sandbox rm NAME` takes it off again.",
};
