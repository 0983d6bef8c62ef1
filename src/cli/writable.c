/*
 * writable: the verb `writable`: what `run --writable` has kept.
 * Reads the store; touches standard output.
 */
#include "store/writable.h"

#include "cli/list.h"
#include "util/fd.h"

static int print_one(const struct writable_facts *f, void *arg)
{
	struct list *l = arg;
	char date[CLI_DATE_SIZE] = "";

	if (f->used)
		cli_date(date, f->used);
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

static int writable_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct list l;
	struct store s = STORE_NONE;
	int r = list_parse(&l, &verb_writable, argc, argv, g, e);

	if (r == 0)
		r = store_open(&s, g->store, e);
	if (r == 0 && list_begin(&l))
		printf("%-24s %-12s %-8s %s\n", "NAME", "IMAGE", "STATE", "USED");
	if (r == 0)
		r = writable_each(&s, print_one, &l, e);
	store_done(&s);
	return list_end(&l, r);
}

const struct verb verb_writable = {
	.name = "writable",
	.synopsis = "[--json]",
	.summary = "list what `run --writable` has kept",
	.opts = list_opts,
	.run = writable_run,
	.details =
		"What a run with --writable NAME wrote goes with its image, and is there again in the next run with that\n"
		"NAME.  `sandbox rm --writable NAME` removes it.",
};
