/*
 * tag: the verb `tag`: gives an image one more name.
 * Touches the store.
 */
#include <sys/stat.h>

#include "cli/verb.h"
#include "store/refs.h"
#include "store/stored_image.h"

/* Files and folders are no images of the store yet. */
static int tag_missing(const char *word, const char *name, struct err *e)
{
	struct stat st;

	if (stat(word, &st) < 0)
		return -1;
	(void)err_set(e, 0, "tag: %s: is a %s, not an image in the store", word,
		S_ISDIR(st.st_mode) ? "folder" : "file");
	return S_ISDIR(st.st_mode)
		       ? err_hint(e, "load it first: `tar -C %s -c . | sandbox load --tag %s -`",
				 word, name)
		       : err_hint(e, "load it first: `sandbox load %s`", word);
}

static int tag_run(struct call *c, struct err *e)
{
	struct stored_image i = STORED_IMAGE_NONE;
	struct refs_found found;
	int r = refs_resolve_own(&c->store, c->words[0], &found, e);

	if (r < 0)
		return e->code == ENOENT ? tag_missing(c->words[0], c->words[1], e) : -1;
	/* Otherwise it could be removed meanwhile, or later by who has read its names before. */
	r = stored_image_hold(&i, &c->store, found.id, e);
	if (r == 0)
		r = refs_set(&c->store, c->words[1], found.id, e);
	if (r > 0)
		stored_image_used(&i, true);
	stored_image_close(&i);
	return r < 0 ? -1 : 0;
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
