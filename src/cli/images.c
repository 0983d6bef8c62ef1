/*
 * images: the verb `images`: lists the images in the store.
 * Reads the store; touches standard output.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/list.h"
#include "store/listed_image.h"
#include "util/fd.h"
#include "util/size.h"

struct images_options {
	struct list list; /* the first member: list_opts fill it */
	bool several;	  /* several stores are searched */
};

#define AT(member) .offset = offsetof(struct images_options, member)

/* clang-format off */
static const struct opt images_opts[] = {
	{ 'q', "quiet", NULL, "print only ids; before the verb, -q leaves out notes", opt_flag, AT(list.ids) },
	{ 0, "json", NULL, "print JSON", opt_flag, AT(list.want_json) },
	{ 'a', "all", NULL, "no effect: all images are listed", opt_ignored, .offset = 0 },
	{ 0, "no-trunc", NULL, "no effect: --json has whole ids", opt_ignored, .offset = 0 },
	{ 'f', "filter", "FILTER", "refused: --json has what can be looked for", opt_refused, .offset = 0 },
	{ 0, "format", "TEMPLATE", "refused: --json has every field", opt_refused, .offset = 0 },
	{ 0 },
};
/* clang-format on */

static void images_json(struct images_options *v, const struct listed_image *i, const char *created)
{
	char date[LIST_DATE_SIZE];
	json *j = json_new_obj();

	json_put(j, "names", json_new_strv(i->names));
	json_put_str(j, "id", i->record->id);
	json_put_int(j, "size", (int64_t)i->record->size);
	json_put_int(j, "entries", (int64_t)i->record->entries);
	json_put_str(j, "created", created);
	json_put_str(j, "unpacked", list_date(date, i->record->unpacked));
	json_put_str(j, "used", list_date(date, i->used));
	json_put_str(j, "store", i->store->path);
	json_put_bool(j, "shared", i->store->shared);
	json_add(v->list.items, j);
}

/* The date and time in a string of the config, which may hold anything. */
static void images_created(const char *created, char *buf, size_t size)
{
	char text[20] = "";
	int n = 0;

	if (created && sscanf(created, "%*4d-%*2d-%*2dT%*2d:%*2d:%*2d%n", &n) == 0 && n == 19)
		memcpy(text, created, 19);
	(void)snprintf(buf, size, "%s%s", text, *text ? "Z" : "-");
}

static int images_print(const struct listed_image *i, void *arg)
{
	struct images_options *v = arg;
	auto_free char *created = listed_image_created(i->dir);
	char *const none[] = { (char *)"-", NULL };
	char size[32], date[LIST_DATE_SIZE], used[LIST_DATE_SIZE];

	if (v->list.items) {
		images_json(v, i, created);
		return 0;
	}
	if (v->list.ids) {
		printf("%.12s\n", i->record->id);
		return 0;
	}
	size_text(size, sizeof(size), i->record->size);
	images_created(created, date, sizeof(date));
	list_date(used, i->used);
	for (char *const *name = i->names ? i->names : none; *name; name++)
		printf("%-40s %.12s %10s  %-20s  %-20s%s%s\n", *name, i->record->id, size, date,
			used, v->several ? "  " : "", v->several ? i->store->path : "");
	return 0;
}

static int images_run(struct call *c, struct err *e)
{
	struct images_options *o = c->options;

	o->several = c->store.n_others > 0;
	if (list_begin(&o->list))
		printf("%-40s %-12s %10s  %-20s  %-20s%s\n", "NAME", "ID", "SIZE", "CREATED",
			"USED", o->several ? "  STORE" : "");
	return list_end(&o->list, listed_image_each(&c->store, images_print, o, e));
}

const struct verb verb_images = {
	.name = "images",
	.synopsis = "[-q] [--json]",
	.summary = "list the images in the store, and in the stores that are only read",
	.opts = images_opts,
	.size = sizeof(struct images_options),
	.store = VERB_STORE_ALL,
	.run = images_run,
	.details =
		"SIZE is the size of the image's files, CREATED the date in its config, USED when a run of it last began (to the\n"
		"minute) or when it was unpacked.  If several stores are searched, the last column names the image's store.",
};
