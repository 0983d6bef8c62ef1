/*
 * load: the verb `load`: unpacks the images of files into the store.
 * Touches the store and standard output.
 */
#include <stdio.h>

#include "cli/image_arg.h"
#include "cli/watched.h"
#include "util/log.h"

struct load_options {
	struct strv files;
	bool shared;
};

static const struct opt load_opts[] = {
	{ 'i', "input", "FILE", "load FILE as well; `-` is standard input", opt_list,
		.offset = offsetof(struct load_options, files) },
	{ 0, "shared", NULL, "let other users read the image (for SANDBOX_STORES)", opt_flag,
		.offset = offsetof(struct load_options, shared) },
	{ 0 },
};

static void load_print(const char *id, char *const *names)
{
	char quoted[1024];

	watched_clear();
	if (!names)
		printf("Loaded image ID: sha256:%s\n", id);
	for (; names && *names; names++)
		printf("Loaded image: %s\n", log_quote(quoted, sizeof(quoted), *names));
}

static int load_run(struct call *c, struct err *e)
{
	struct load_options *o = c->options;
	int r = 0;

	for (char **file = c->words; *file; file++)
		strv_add(&c->arena, &o->files, *file);
	if (!o->files.n)
		strv_add_copy(&c->arena, &o->files, "-");
	c->request.shared = o->shared;
	if (o->shared)
		r = store_share(&c->store, e);
	for (size_t i = 0; r == 0 && i < o->files.n; i++) {
		const char *name = c->request.choice.name;

		r = image_arg_want_source(c, image_arg_resolve(c, o->files.v[i], e), e);
		if (r == 0)
			r = watched_load(&c->store, &c->request, load_print, e);
		c->request.choice.name = name; /* a name after '#' is for one file only */
	}
	return r;
}

const struct verb verb_load = {
	.name = "load",
	.synopsis = "[--shared] [FILE...]",
	.summary = "unpack the images of files into the store",
	.opts = load_opts,
	.size = sizeof(struct load_options),
	.image_opts = image_arg_opts,
	.most = VERB_ANY,
	.store = VERB_STORE_OWN,
	.run = load_run,
	.details =
		"FILE is a file or a folder with an image in it, as for `sandbox run`; without FILE it is standard input.  If it holds\n"
		"several images, `load` loads all those for this machine (or --platform); --tag or FILE#NAME:TAG loads one.  A plain\n"
		"tar has no name: it gets the one that is given so.\n"
		"With --shared, all users can read the store and its images, and name the store in SANDBOX_STORES.  Every file of\n"
		"such an image is readable to all, and no file is setuid or setgid.  The permissions of the folder above the store\n"
		"decide who may use it.  An archive beside the image is for the caches of nodes (`sandbox run --cache`).",
};
