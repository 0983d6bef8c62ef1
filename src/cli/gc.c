/*
 * gc: the verb `gc`: what the store no longer needs.
 * Touches the store and standard output.
 */
#include "store/gc.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "launch/subids.h"
#include "util/log.h"
#include "util/size.h"

struct gc_verb {
	struct globals *globals;
	struct gc_request request;
};

static const struct opt gc_opts[] = {
	{ OPT_MAX_SIZE, "max-size", "SIZE",
		"remove the least recently used images until the rest has no more" },
	{ OPT_OLDER_THAN, "older-than", "AGE",
		"remove images that were not used for AGE (30d, 12h)" },
	{ OPT_DRY_RUN, "dry-run", NULL, "only tell what would go" },
	OPTS_GLOBAL,
};

/* "30d" as seconds. */
static int parse_age(const char *text, int64_t *ret, struct err *e)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (isdigit((unsigned char)*text) && !errno && *end == units[i].unit && !end[1] &&
			n < INT64_MAX / units[i].seconds) {
			*ret = n * units[i].seconds;
			return 0;
		}
	return err_set(e, 0, "--older-than: not an age such as 30d, 12h or 90m: %s", text);
}

static int gc_option(void *arg, int id, char *value, struct err *e)
{
	struct gc_verb *v = arg;
	struct gc_request *rq = &v->request;

	switch (id) {
	case OPT_MAX_SIZE:
		rq->has_max = true;
		return size_read("--max-size", value, 0, &rq->max_size, e);
	case OPT_OLDER_THAN:
		rq->has_age = true;
		return parse_age(value, &rq->max_age, e);
	case OPT_DRY_RUN:
		rq->dry_run = true;
		return 0;
	default:
		(void)cli_global_option(v->globals, &verb_gc, id, value);
		return 0;
	}
}

static void tell_item(const struct gc_item *item, void *arg)
{
	const struct gc_verb *v = arg;
	char name[512], size[32], date[CLI_DATE_SIZE];
	const char *what = v->request.dry_run ? "would remove" : "removed";

	log_quote(name, sizeof(name), item->name ? item->name : "-");
	if (item->kept) {
		log_note("stays: %s %.12s: %s", name, item->id, item->kept);
		return;
	}
	if (item->id)
		printf("%s image %s %.12s, %s, last used %s\n", what, name, item->id,
			size_text(size, sizeof(size), item->size), cli_date(date, item->used));
	else if (item->size)
		printf("%s %s: %s, %s\n", what, item->kind, name,
			size_text(size, sizeof(size), item->size));
	else
		printf("%s %s: %s\n", what, item->kind, name);
}

static int gc_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct gc_verb v = { .globals = g };
	struct store s = STORE_NONE;
	uint64_t freed = 0;
	char size[32];
	int at = opts_parse(gc_opts, argc, argv, gc_option, &v, e), r = at < 0 ? -1 : 0;

	if (r == 0 && at < argc)
		r = err_set(e, 0, "gc: takes no argument: %s", argv[at]);
	if (r == 0)
		r = store_open(&s, g->store, e);
	s.strip = subids_strip_image;
	if (r == 0)
		r = store_gc(&s, &v.request, tell_item, &v, &freed, e);
	if (r == 0)
		printf("%s %s\n", v.request.dry_run ? "would free" : "freed",
			size_text(size, sizeof(size), freed));
	store_done(&s);
	return r;
}

const struct verb verb_gc = {
	.name = "gc",
	.synopsis = "[--max-size SIZE] [--older-than AGE] [--dry-run]",
	.summary = "remove from the store what nobody needs any more",
	.opts = gc_opts,
	.run = gc_run,
	.details =
		"What processes that were ended have left always goes: half-unpacked images, entries of dead runs, names and\n"
		"records without an image.  Of images, without an option, those go that have no name, as with `docker image\n"
		"prune`.  With --older-than or --max-size those go that the option says, named or not; with both, what either\n"
		"says.  An image that a run is using, or that something written with --writable goes with, stays in any case.\n"
		"AGE is a number of s, m, h, d or w; SIZE one of bytes, or of k, M, G (powers of 1024).  Only the caller's own\n"
		"store is cleaned.  Of one that others read (load --shared), their runs are known only where the file system has\n"
		"locks, and not when they have used an image.",
};
