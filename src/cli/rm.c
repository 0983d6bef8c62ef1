/*
 * rm: the verb `rm`: removes images, and what runs have written, from the store.
 * Touches the store.
 */
#include "cli/verb.h"
#include "launch/subids.h"
#include "store/remove.h"
#include "store/writable.h"

/* It fills a struct strv. */
static const struct opt rm_opts[] = {
	{ 0, "writable", "NAME", "remove what runs with `--writable NAME` have written", opt_list,
		.offset = 0 },
	{ 0 },
};

static int rm_run(struct call *c, struct err *e)
{
	const struct strv *writables = c->options;
	int r = 0;

	if (!c->n && !writables->n)
		return err_set(e, 0, "rm: no image given");
	c->store.strip = subids_strip_image;
	for (size_t i = 0; r == 0 && i < writables->n; i++)
		r = writable_remove(&c->store, writables->v[i], subids_strip_upper, e);
	for (char **name = c->words; r == 0 && *name; name++)
		r = remove_named(&c->store, *name, e);
	return r;
}

const struct verb verb_rm = {
	.name = "rm",
	.synopsis = "[--writable NAME] [IMAGE...]",
	.summary = "remove images from the store",
	.opts = rm_opts,
	.size = sizeof(struct strv),
	.most = VERB_ANY,
	.words = VERB_IMAGES,
	.store = VERB_STORE_OWN,
	.run = rm_run,
	.details =
		"IMAGE is a name or the first digits of an id.  If an image has several names, only the given name is removed;\n"
		"with the last name, or by id, the image is removed.  `rm` does not remove an image that is in use.\n"
		"What runs have written with --writable outlives the image.  --writable can be given several times.",
};
