/*
 * unpack: the verb `unpack`: unpacks an image's root file system into a plain folder.
 * Touches the folder that it makes.
 */
#include "cli/image_arg.h"
#include "cli/watched.h"
#include "store/owners.h"
#include "util/log.h"

static int unpack_open_store(struct call *c, struct err *e)
{
	return c->store.fd >= 0 ||
			       (store_open(&c->store, c->globals->store, e) == 0 &&
				       store_open_others(&c->store, c->globals->shared.v, e) == 0)
		       ? 0
		       : -1;
}

static int unpack_stored(struct call *c, enum image_arg kind, uint64_t *ret_devices, struct err *e)
{
	struct owners o = OWNERS_NONE;
	struct stored_image i = STORED_IMAGE_NONE;
	int r = -1;

	if (unpack_open_store(c, e) == 0)
		r = image_arg_open(c, kind, &i, e);
	if (r == 0)
		r = watched_copy(&i, c->words[1], e);
	if (r == 0)
		r = owners_read(&o, i.dir, e);
	*ret_devices = owners_devices(&o);
	owners_done(&o);
	stored_image_close(&i);
	return r;
}

static int unpack_run(struct call *c, struct err *e)
{
	const char *word = c->words[0];
	enum image_arg kind = image_arg_resolve(c, word, e);
	uint64_t devices = 0;
	struct err why;
	int r = -1;

	if (kind == IMAGE_ARG_ODD && unpack_open_store(c, &why) == 0 &&
		image_arg_is_stored(c, word))
		kind = IMAGE_ARG_STORED;
	/* A path that is missing must not make a store. */
	if (kind == IMAGE_ARG_UNSURE ||
		(kind == IMAGE_ARG_STORED && word[0] != '.' && word[0] != '/'))
		r = unpack_stored(c, kind, &devices, e);
	else if (image_arg_want_source(c, kind, e) == 0)
		r = watched_unpack(&c->request, c->words[1], &devices, e);
	/* As for `cp`: whoever unpacks a tree looks for all that is in it. */
	if (r == 0 && devices)
		log_note("unpack: %s: devices that became empty files: %llu", word,
			(unsigned long long)devices);
	return r;
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
		"IMAGE is a file, `-`, a folder with an image in it, or an image in the store, as for `sandbox run`.  DIR must be\n"
		"missing or empty.  If `unpack` fails, it leaves no incomplete DIR.",
};
