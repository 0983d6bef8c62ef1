/*
 * tag: the verb `tag`: gives an image one more name.
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
	.summary = "give an image in the store another name",
	.details =
		"IMAGE is the name or the first digits of the id of an image in the store.\n"
		"If another image has that name, the name moves.  `sandbox rm NAME` removes a name.",
	.least = 2,
	.most = 2,
	.wants = "needs an image and a name",
	.words = VERB_IMAGES,
	.store = VERB_STORE_ALL,
	.run = tag_run,
};
