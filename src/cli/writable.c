/*
 * writable: the verb `writable`: lists what `run --writable` keeps.
 * Reads the store; touches standard output.
 */
#include "store/writable.h"

#include <stdio.h>

#include "cli/list.h"

static int writable_print(const struct writable_facts *f, void *arg)
{
	struct list *l = arg;
	char date[LIST_DATE_SIZE] = "";

	if (f->used)
		list_date(date, f->used);
	if (l->items) {
		json *j = json_new_obj();

		json_put_str(j, "name", f->name);
		json_put_str(j, "image", f->image);
		json_put_str(j, "used", date);
		json_put_bool(j, "live", f->live);
		json_put_bool(j, "subuid", f->ids[0] == 'r');
		json_add(l->items, j);
		return 0;
	}
	printf("%-24s %.12s %-8s %s\n", f->name, f->image, f->live ? "live" : "-", date);
	return 0;
}

static int writable_run(struct call *c, struct err *e)
{
	struct list *l = c->options;

	if (list_begin(l))
		printf("%-24s %-12s %-8s %s\n", "NAME", "IMAGE", "STATE", "USED");
	return list_end(l, writable_each(&c->store, writable_print, l, e));
}

const struct verb verb_writable = {
	.name = "writable",
	.synopsis = "[--json]",
	.summary = "list what `run --writable` keeps",
	.opts = list_opts,
	.size = sizeof(struct list),
	.store = VERB_STORE_OWN,
	.run = writable_run,
	.details =
		"What a run with --writable NAME writes belongs to its image, and the next run with that NAME finds it again.\n"
		"`sandbox rm --writable NAME` removes it.",
};
