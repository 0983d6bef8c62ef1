/*
 * list: what the verbs that list something have in common.
 * Touches standard output.
 */
#include "cli/list.h"

#include <stdio.h>

#include "util/fd.h"

const struct opt list_opts[] = {
	{ OPT_JSON, "json", NULL, "as JSON" },
	OPTS_GLOBAL,
};

static int list_option(void *arg, int id, char *value, struct err *e)
{
	struct list *l = arg;

	(void)e;
	if (id == OPT_JSON)
		l->want_json = true;
	else
		(void)cli_global_option(l->globals, l->verb, id, value);
	return 0;
}

int list_parse(struct list *l, const struct verb *v, int argc, char **argv, struct globals *g,
	struct err *e)
{
	int at;

	*l = (struct list){ .globals = g, .verb = v };
	at = opts_parse(list_opts, argc, argv, list_option, l, e);
	if (at < 0)
		return -1;
	return at < argc ? err_set(e, 0, "%s: takes no argument: %s", v->name, argv[at]) : 0;
}

bool list_begin(struct list *l)
{
	if (l->want_json)
		l->items = json_new_arr();
	return !l->want_json;
}

int list_end(struct list *l, int r)
{
	if (r == 0 && l->items) {
		auto_free char *text = json_dump(l->items, true);

		puts(text);
	}
	json_freep(&l->items);
	return r;
}
