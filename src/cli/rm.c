/*
 * rm: the verb `rm`: images, and what runs have written, out of the store.
 * Touches the store.
 */
#include "cli/verb.h"
#include "launch/subids.h"
#include "store/remove.h"
#include "store/writable.h"

struct rm_options {
	struct strv writables;
};

static const struct opt rm_opts[] = {
	{ 0, "writable", "NAME", "remove what runs with `--writable NAME` have written", opt_list,
		.offset = offsetof(struct rm_options, writables) },
	{ 0 },
};

static int rm_run(struct call *c, struct err *e)
{
	const struct rm_options *o = c->options;
	int r = 0;

	if (!c->n && !o->writables.n)
		return err_set(e, 0, "rm: no image given");
	c->store.strip = subids_strip_image;
	for (size_t i = 0; r == 0 && i < o->writables.n; i++)
		r = writable_remove(&c->store, o->writables.v[i], subids_strip_upper, e);
	for (char **name = c->words; r == 0 && *name; name++)
		r = remove_named(&c->store, *name, e);
	return r;
}

const struct verb verb_rm = {
	.name = "rm",
	.synopsis = "[--writable NAME] [IMAGE...]",
	.summary = "remove images from the store",
	.opts = rm_opts,
	.size = sizeof(struct rm_options),
	.most = VERB_ANY,
	.words = VERB_IMAGES,
	.store = VERB_STORE_OWN,
	.run = rm_run,
	.details =
		"IMAGE is a name or the first digits of an id.  If an image has several names, only the given name is removed;\n"
		"with the last name, or by id, the image is removed.  An image that is in use stays.",
};
