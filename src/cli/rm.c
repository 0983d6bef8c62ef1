/*
 * rm: the verb `rm`: images, and what runs have written, out of the store.
 * Touches the store.
 */
#include "cli/cli.h"
#include "launch/subids.h"
#include "store/writable.h"

struct rm {
	struct globals *globals;
	struct arena arena;
	struct strv writables;
};

static const struct opt rm_opts[] = {
	{ OPT_WRITABLE, "writable", "NAME", "what runs with `--writable NAME` have written" },
	OPTS_GLOBAL,
};

static int rm_option(void *arg, int id, char *value, struct err *e)
{
	struct rm *m = arg;

	(void)e;
	if (id == OPT_WRITABLE)
		strv_add(&m->arena, &m->writables, value);
	else
		(void)cli_global_option(m->globals, &verb_rm, id, value);
	return 0;
}

static int rm_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct store s = STORE_NONE;
	struct rm m = { .globals = g };
	int at = opts_parse(rm_opts, argc, argv, rm_option, &m, e), r = at < 0 ? -1 : 0;

	if (r == 0 && at == argc && !m.writables.n)
		r = err_set(e, 0, "rm: no image given");
	if (r == 0)
		r = store_open(&s, g->store, e);
	s.strip = subids_strip_image;
	for (size_t i = 0; r == 0 && i < m.writables.n; i++)
		r = writable_remove(&s, m.writables.v[i], subids_strip_upper, e);
	for (; r == 0 && at < argc; at++)
		r = store_remove(&s, argv[at], e);
	store_done(&s);
	arena_done(&m.arena);
	return r;
}

const struct verb verb_rm = {
	.name = "rm",
	.synopsis = "[--writable NAME] [IMAGE...]",
	.summary = "remove images from the store",
	.opts = rm_opts,
	.run = rm_run,
	.details =
		"IMAGE is a name, or the first digits of an id.  Where an image has several names, only the one given goes;\n"
		"the last name, or the id, takes the image with it.  An image that is in use stays.",
};
