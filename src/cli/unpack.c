/*
 * unpack: the verb `unpack`: an image's root file system as a plain folder.
 * Touches the folder that it is to make.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli/cli.h"

struct unpack_verb {
	struct globals *globals;
	struct arena arena;
	struct import_request request;
};

static const struct opt unpack_opts[] = { OPTS_IMAGE, OPTS_GLOBAL };

static int unpack_option(void *arg, int id, char *value, struct err *e)
{
	struct unpack_verb *v = arg;

	if (cli_global_option(v->globals, &verb_unpack, id, value))
		return 0;
	return cli_image_option(&v->request, &v->arena, id, value, e) < 0 ? -1 : 0;
}

static int unpack_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct unpack_verb v = { .globals = g };
	struct unpack_stats stats = { 0 };
	int at = opts_parse(unpack_opts, argc, argv, unpack_option, &v, e), r = -1;

	if (at >= 0 && argc - at != 2) {
		(void)err_set(e, 0, "unpack: needs an image and a directory");
		(void)err_hint(e, "`sandbox help unpack` tells how");
	} else if (at >= 0 && !cli_is_source(argv[at], &v.request, &v.arena)) {
		(void)err_set(e, ENOENT, "%s", argv[at]);
	} else if (at >= 0) {
		r = cli_unpack_to(&v.request, argv[at + 1], &stats, e);
	}
	arena_done(&v.arena);
	return r;
}

const struct verb verb_unpack = {
	.name = "unpack",
	.synopsis = "[OPTIONS] IMAGE DIR",
	.summary = "unpack the root file system of an image, or any tar, into a directory",
	.opts = unpack_opts,
	.run = unpack_run,
	.details =
		"IMAGE is a file, `-` or an OCI layout folder, as for `sandbox run`.  DIR must not be there, or be empty:\n"
		"it is there whole in the end, or not at all.",
};
