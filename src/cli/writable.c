/*
 * writable: the verb `writable`: what `run --writable` has kept.
 * Called by main.c.  Reads the store; touches standard output.
 */
#include "store/writable.h"

#include <stdlib.h>
#include <time.h>

#include "cli/cli.h"
#include "util/fd.h"
#include "util/json.h"

struct writable_verb {
	struct globals *globals;
	json *list; /* where JSON was asked for */
	bool want_json;
};

static const struct opt writable_opts[] = {
	{ OPT_JSON, "json", NULL, "as JSON" },
	OPTS_GLOBAL,
};

static int writable_option(void *arg, int id, char *value, struct err *e)
{
	struct writable_verb *v = arg;

	(void)e;
	if (id == OPT_JSON)
		v->want_json = true;
	else
		(void)cli_global_option(v->globals, &verb_writable, id, value);
	return 0;
}

static int print_one(const struct writable_facts *f, void *arg)
{
	struct writable_verb *v = arg;
	time_t used = (time_t)f->used;
	char date[32] = "";
	struct tm tm;

	if (used && gmtime_r(&used, &tm))
		(void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (v->want_json) {
		json *j = json_new_obj();

		json_put_str(j, "name", f->name);
		json_put_str(j, "image", f->image);
		json_put_str(j, "used", date);
		json_put_bool(j, "live", f->live);
		json_put_bool(j, "subuid", f->ids[0] == 'r');
		json_add(v->list, j);
		return 0;
	}
	printf("%-24s %.12s %-8s %s\n", f->name, f->image, f->live ? "live" : "-", date);
	return 0;
}

static int writable_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct writable_verb v = { .globals = g };
	struct store s = STORE_NONE;
	int at = opts_parse(writable_opts, argc, argv, writable_option, &v, e), r = at < 0 ? -1 : 0;

	if (r == 0 && at < argc)
		r = err_set(e, 0, "writable: takes no argument: %s", argv[at]);
	if (r == 0)
		r = store_open(&s, g->store, e);
	if (r == 0 && v.want_json)
		v.list = json_new_arr();
	else if (r == 0)
		printf("%-24s %-12s %-8s %s\n", "NAME", "IMAGE", "STATE", "USED");
	if (r == 0)
		r = writable_each(&s, print_one, &v, e);
	if (r == 0 && v.want_json) {
		auto_free char *text = json_dump(v.list, true);

		puts(text);
	}
	json_freep(&v.list);
	store_done(&s);
	return r;
}

const struct verb verb_writable = {
	.name = "writable",
	.synopsis = "[--json]",
	.summary = "list what `run --writable` has kept",
	.opts = writable_opts,
	.run = writable_run,
	.details = "What a run with --writable NAME wrote goes with its image, and is there again "
		   "in the next run with that\n"
		   "NAME.  `sandbox rm --writable NAME` removes it.",
};
