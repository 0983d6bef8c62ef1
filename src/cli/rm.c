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

	if (!c->n && !writables->n)
		return err_set(e, 0, "rm: no image given");
	if (c->n && writables->n) {
		(void)err_set(
			e, 0, "rm: %s: is it an image, or a name of --writable?", c->words[0]);
		return err_hint(
			e, "write --writable before each name; remove images by another command");
	}
	if (writables->n)
		return writable_remove(&c->store, writables->v, subids_strip_upper, e);
	c->store.strip = subids_strip_image;
	return remove_named(&c->store, c->words, e);
}

const struct verb verb_rm = {
	.name = "rm",
	.synopsis = "IMAGE... | --writable NAME...",
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
