/*
 * images: the verb `images`: what is in the store.
 * Called by main.c.  Reads the store; touches standard output.
 */
#include <stdlib.h>
#include <time.h>

#include "cli/cli.h"
#include "util/fd.h"
#include "util/json.h"

struct images_verb {
	struct globals *globals;
	json *list; /* where JSON was asked for */
	bool want_json;
};

static const struct opt images_opts[] = {
	{ OPT_JSON, "json", NULL, "as JSON" },
	OPTS_GLOBAL,
};

static int images_option(void *arg, int id, char *value, struct err *e)
{
	struct images_verb *v = arg;

	(void)e;
	if (id == OPT_JSON)
		v->want_json = true;
	else
		(void)cli_global_option(v->globals, &verb_images, id, value);
	return 0;
}

static void date_text(int64_t seconds, char *buf, size_t size)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	buf[0] = '\0';
	if (gmtime_r(&t, &tm))
		(void)strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static int print_image(const struct record *r, char *const *names, void *arg)
{
	struct images_verb *v = arg;
	char size[32], date[32];

	date_text(r->unpacked, date, sizeof(date));
	if (v->want_json) {
		json *j = json_new_obj();

		json_put(j, "names", json_new_strv(names));
		json_put_str(j, "id", r->id);
		json_put_int(j, "size", (int64_t)r->size);
		json_put_int(j, "entries", (int64_t)r->entries);
		json_put_str(j, "unpacked", date);
		json_add(v->list, j);
		return 0;
	}
	cli_size(size, sizeof(size), r->size);
	if (!names || !names[0])
		printf("%-40s %.12s %10s  %s\n", "-", r->id, size, date);
	for (; names && *names; names++)
		printf("%-40s %.12s %10s  %s\n", *names, r->id, size, date);
	return 0;
}

static int images_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct images_verb v = { .globals = g };
	struct store s = STORE_NONE;
	int at = opts_parse(images_opts, argc, argv, images_option, &v, e), r = at < 0 ? -1 : 0;

	if (r == 0 && at < argc)
		r = err_set(e, 0, "images: takes no argument: %s", argv[at]);
	if (r == 0)
		r = store_open(&s, g->store, e);
	if (r == 0 && v.want_json)
		v.list = json_new_arr();
	else if (r == 0)
		printf("%-40s %-12s %10s  %s\n", "NAME", "ID", "SIZE", "UNPACKED");
	if (r == 0)
		r = store_each(&s, print_image, &v, e);
	if (r == 0 && v.want_json) {
		auto_free char *text = json_dump(v.list, true);

		puts(text);
	}
	json_freep(&v.list);
	store_done(&s);
	return r;
}

const struct verb verb_images = {
	.name = "images",
	.synopsis = "[--json]",
	.summary = "list the images in the store",
	.opts = images_opts,
	.run = images_run,
};
