/*
 * tag: the verb `tag`: one more name for an image.
 * Touches the store.
 */
#include "cli/verb.h"
#include "store/refs.h"

static int tag_run(struct call *c, struct err *e)
{
	struct refs_found found;

	if (refs_resolve_own(&c->store, c->words[0], &found, e) < 0)
		return -1;
	return refs_set(&c->store, c->words[1], found.id, e);
}

const struct verb verb_tag = {
	.name = "tag",
	.synopsis = "IMAGE NAME[:TAG]",
	.summary = "give an image in the store one more name",
	.details =
		"IMAGE is a name, or the first digits of an id, in the store.\n"
		"A name that another image has is taken from it.  `sandbox rm NAME` takes it off again.",
	.least = 2,
	.most = 2,
	.wants = "needs an image and a name",
	.words = VERB_IMAGES,
	.store = VERB_STORE_ALL,
	.run = tag_run,
};
