/*
 * images: the verb `images`: what is in the store.
 * Reads the store; touches standard output.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/list.h"
#include "util/fd.h"
#include "util/size.h"

struct images_verb {
	struct list list;
	bool several; /* stores */
};

static void image_json(struct images_verb *v, const struct listed_image *i, const char *created)
{
	char date[CLI_DATE_SIZE];
	json *j = json_new_obj();

	json_put(j, "names", json_new_strv(i->names));
	json_put_str(j, "id", i->record->id);
	json_put_int(j, "size", (int64_t)i->record->size);
	json_put_int(j, "entries", (int64_t)i->record->entries);
	json_put_str(j, "created", created);
	json_put_str(j, "unpacked", cli_date(date, i->record->unpacked));
	json_put_str(j, "used", cli_date(date, i->used));
	json_put_str(j, "store", i->store->path);
	json_put_bool(j, "shared", i->store->shared);
	json_add(v->list.items, j);
}

/* A date of the config, which may hold anything: the day and the time of it. */
static void created_text(const char *created, char *buf, size_t size)
{
	char text[20] = "";
	int n = 0;

	if (created && sscanf(created, "%*4d-%*2d-%*2dT%*2d:%*2d:%*2d%n", &n) == 0 && n == 19)
		memcpy(text, created, 19);
	(void)snprintf(buf, size, "%s%s", text, *text ? "Z" : "-");
}

static int print_image(const struct listed_image *i, void *arg)
{
	struct images_verb *v = arg;
	auto_free char *created = listed_image_created(i->dir);
	char *const none[] = { (char *)"-", NULL };
	char size[32], date[CLI_DATE_SIZE], used[CLI_DATE_SIZE];

	if (v->list.items) {
		image_json(v, i, created);
		return 0;
	}
	size_text(size, sizeof(size), i->record->size);
	created_text(created, date, sizeof(date));
	cli_date(used, i->used);
	for (char *const *name = i->names ? i->names : none; *name; name++)
		printf("%-40s %.12s %10s  %-20s  %-20s%s%s\n", *name, i->record->id, size, date,
			used, v->several ? "  " : "", v->several ? i->store->path : "");
	return 0;
}

static int images_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct images_verb v;
	struct store s = STORE_NONE;
	int r = list_parse(&v.list, &verb_images, argc, argv, g, e);

	if (r == 0)
		r = cli_open_stores(&s, g, e);
	v.several = s.n_others > 0;
	if (r == 0 && list_begin(&v.list))
		printf("%-40s %-12s %10s  %-20s  %-20s%s\n", "NAME", "ID", "SIZE", "CREATED",
			"USED", v.several ? "  STORE" : "");
	if (r == 0)
		r = store_each(&s, print_image, &v, e);
	store_done(&s);
	return list_end(&v.list, r);
}

const struct verb verb_images = {
	.name = "images",
	.synopsis = "[--json]",
	.summary = "list the images in the store, and in those that are only read",
	.opts = list_opts,
	.run = images_run,
	.details =
		"SIZE is that of the files in it, CREATED what its maker says, USED when a run of it last began (to the\n"
		"minute), or when it was unpacked.  Where several stores are searched, the last column tells which it is in.",
};
