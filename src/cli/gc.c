/*
 * gc: the verb `gc`: removes what the store no longer needs.
 * Touches the store and standard output.
 */
#include "store/gc.h"

#include <stdio.h>

#include "cli/list.h"
#include "launch/subids.h"
#include "util/log.h"
#include "util/size.h"

static const struct opt gc_opts[] = {
	{ 0, "max-size", "SIZE",
		"remove the least recently used images until the others fit in SIZE", opt_size,
		.offset = offsetof(struct gc_request, max_size) },
	{ 0, "older-than", "AGE", "remove images that were not used for AGE (30d, 12h)", opt_age,
		.offset = offsetof(struct gc_request, max_age) },
	{ 0, "dry-run", NULL, "only print what would be removed", opt_flag,
		.offset = offsetof(struct gc_request, dry_run) },
	{ 0 },
};

static void gc_print(const struct gc_item *item, void *arg)
{
	const struct gc_request *rq = arg;
	char name[512], size[32], date[LIST_DATE_SIZE];
	const char *what = rq->dry_run ? "would remove" : "removed";

	log_quote(name, sizeof(name), item->name ? item->name : "-");
	if (item->kept) {
		log_note(item->id ? "not removed: %s %.12s: %s" : "not removed: %s%s: %s", name,
			item->id ? item->id : "", item->kept);
		return;
	}
	if (item->id)
		printf("%s image %s %.12s, %s, last used %s\n", what, name, item->id,
			size_text(size, sizeof(size), item->size), list_date(date, item->used));
	else if (item->size)
		printf("%s %s: %s, %s\n", what, item->kind, name,
			size_text(size, sizeof(size), item->size));
	else
		printf("%s %s: %s\n", what, item->kind, name);
}

static int gc_run(struct call *c, struct err *e)
{
	struct gc_request *rq = c->options;
	uint64_t freed = 0;
	char size[32];
	int r;

	c->store.strip = subids_strip_image;
	r = gc_collect(&c->store, rq, gc_print, rq, &freed, e);
	if (r == 0 || freed)
		printf("%s %s\n", rq->dry_run ? "would free" : "freed",
			size_text(size, sizeof(size), freed));
	return r;
}

const struct verb verb_gc = {
	.name = "gc",
	.synopsis = "[--max-size SIZE] [--older-than AGE] [--dry-run]",
	.summary = "remove what is no longer needed from the store",
	.opts = gc_opts,
	.size = sizeof(struct gc_request),
	.defaults = &(const struct gc_request){ .max_size = GC_ANY_SIZE, .max_age = GC_ANY_AGE },
	.store = VERB_STORE_OWN,
	.run = gc_run,
	.details =
		"`gc` always removes what killed processes left behind: half-unpacked images, entries of dead runs, and names and\n"
		"records without an image.  Without an option it also removes images without a name, as `docker image prune` does.\n"
		"--older-than and --max-size choose images whether they have a name or not; with both, an image is removed if either\n"
		"says so.  `gc` never removes an image that a run is using, or one for which --writable keeps files.\n"
		"AGE is a number with s, m, h, d or w; SIZE is a number of bytes, or one with k, m, g or t (powers of 1024).\n"
		"`gc` cleans only the caller's own store.  If other users read that store (load --shared), `gc` sees their runs only\n"
		"if the file system has locks, and does not know when they last used an image.",
};
