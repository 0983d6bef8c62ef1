/*
 * load: the verb `load`: the images of files into the store.
 * Touches the store and standard output.
 */
#include "cli/cli.h"
#include "util/log.h"

struct load_verb {
	struct globals *globals;
	struct arena arena;
	struct import_request request;
	struct strv files;
};

static const struct opt load_opts[] = {
	{ 'i', "input", "FILE", "a file more to load; `-` is standard input" },
	{ OPT_SHARED, "shared", NULL, "let other users read the image (for SANDBOX_STORES)" },
	OPTS_IMAGE,
	OPTS_GLOBAL,
};

static int load_option(void *arg, int id, char *value, struct err *e)
{
	struct load_verb *v = arg;

	if (cli_global_option(v->globals, &verb_load, id, value))
		return 0;
	switch (id) {
	case 'i':
		strv_add(&v->arena, &v->files, value);
		return 0;
	case OPT_SHARED:
		v->request.shared = true;
		return 0;
	default:
		return cli_image_option(&v->request, &v->arena, id, value, e) < 0 ? -1 : 0;
	}
}

static int tell_loaded(const char *id, char *const *names, void *arg, struct err *e)
{
	char quoted[1024];

	(void)arg;
	(void)e;
	if (!names)
		printf("Loaded image ID: sha256:%s\n", id);
	for (; names && *names; names++)
		printf("Loaded image: %s\n", log_quote(quoted, sizeof(quoted), *names));
	return 0;
}

static int load_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct load_verb v = { .globals = g };
	struct store s = STORE_NONE;
	int at = opts_parse(load_opts, argc, argv, load_option, &v, e), r = at < 0 ? -1 : 0;

	for (; r == 0 && at < argc; at++)
		strv_add(&v.arena, &v.files, argv[at]);
	if (r == 0 && !v.files.n)
		r = err_set(e, 0, "load: no file given (`-` is standard input)");
	if (r == 0)
		r = store_open(&s, g->store, e);
	if (r == 0 && v.request.shared)
		r = store_share(&s, e);
	for (size_t i = 0; r == 0 && i < v.files.n; i++) {
		struct import_request rq = v.request;

		rq.source = v.files.v[i];
		r = cli_load(&s, &rq, tell_loaded, NULL, e);
	}
	store_done(&s);
	arena_done(&v.arena);
	return r;
}

const struct verb verb_load = {
	.name = "load",
	.synopsis = "[--shared] FILE...",
	.summary = "unpack the images in files into the store",
	.opts = load_opts,
	.run = load_run,
	.details =
		"FILE is what `sandbox run` takes.  Of a file that holds several images all are loaded that suit this machine\n"
		"(or --platform); --tag loads only that one.  With --shared the store and the images can be read by all users,\n"
		"who name it in SANDBOX_STORES: every file in such an image is readable to all, and has no setuid or setgid\n"
		"bit.  Who may use the store is decided by who may enter the folder above it.",
};
