/*
 * unpack: the verb `unpack`: unpacks an image's root file system into a plain folder.
 * Touches the folder that it makes.
 */
#include "cli/image_arg.h"
#include "cli/watched.h"

static int unpack_run(struct call *c, struct err *e)
{
	const char *word = c->words[0];
	enum image_arg kind = image_arg_resolve(c, word, e);

	if (image_arg_want_source(c, kind, e) == 0)
		return watched_unpack(&c->request, c->words[1], e);
	if (kind == IMAGE_ARG_STORED && word[0] != '.' && word[0] != '/')
		(void)err_hint(e,
			"for an image in the store: `sandbox save %s | sandbox unpack - %s`", word,
			c->words[1]);
	return -1;
}

const struct verb verb_unpack = {
	.name = "unpack",
	.synopsis = "[OPTIONS] IMAGE DIR",
	.summary = "unpack the root file system of an image, or any tar, into a directory",
	.image_opts = image_arg_opts,
	.least = 2,
	.most = 2,
	.wants = "needs an image and a directory",
	.words = VERB_IMAGES,
	.run = unpack_run,
	.details =
		"IMAGE is a file, `-` or a folder with an image in it, as for `sandbox run`.  DIR must be missing or empty.  If\n"
		"`unpack` fails, it leaves no incomplete DIR.",
};
