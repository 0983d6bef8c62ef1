/*
 * gc: removes what the store no longer needs.
 * Touches all of the store except writable/ and what is in use.
 */
#include "store/gc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/listed_image.h"
#include "store/refs.h"
#include "store/remove.h"
#include "store/staging.h"
#include "store/stored_image.h"
#include "store/writable.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"
#include "util/table.h"
#include "util/tree.h"

struct gc_image {
	char id[DIGEST_HEX + 1];
	const char *name; /* NULL: it has none */
	uint64_t size;
	int64_t used;
};

struct gc {
	struct store *store;
	const struct gc_request *rq;
	void (*report)(const struct gc_item *item, void *arg);
	void *arg;
	struct arena arena;
	struct gc_image *images;
	size_t n;
	uint64_t total, freed;
	struct table needed; /* hashes of the ids of images that a --writable name needs */
};

static void gc_tell(struct gc *g, const char *kind, const char *name, uint64_t size)
{
	g->freed += size;
	g->report(&(struct gc_item){ .kind = kind, .name = name, .size = size }, g->arg);
}

static void gc_leftover(const char *name, void *arg)
{
	struct gc *g = arg;

	gc_tell(g, "leftover of a process that was ended", name,
		tree_usage(g->store->staging, name));
}

/* Folders, temporary files and entries that dead processes left. */
static void gc_leftovers(struct gc *g)
{
	struct store *s = g->store;
	unsigned dead = runs_sweep(&s->runs, g->rq->dry_run);

	staging_leftovers(s->staging, gc_leftover, g);
	if (dead) {
		char count[32];

		(void)snprintf(count, sizeof(count), "%u", dead);
		gc_tell(g, "entries of runs that have ended", count, 0);
	}
	if (g->rq->dry_run)
		return;
	staging_sweep(s->staging, "");
	staging_sweep_files(s->refs.dir);
	staging_sweep_files(s->sources);
}

/* Does the image have no record, or one that cannot be trusted?  Such an image is never used. */
static bool gc_is_damaged(struct store *s, const char *id)
{
	struct stored_image i;
	struct err why = { 0 };
	int r = stored_image_open(&i, s, id, &why);

	stored_image_close(&i);
	return r < 0 && (why.code == 0 || why.code == ENOENT || why.code == ESTALE);
}

static void gc_damaged(struct gc *g)
{
	struct store *s = g->store;
	const char *id;
	struct err why;
	auto_names d;

	(void)names_open(&d, s->images);
	while ((id = names_next(&d))) {
		if (!digest_is_hex(id) || !gc_is_damaged(s, id) ||
			remove_image(s, id, REMOVE_UNASKED | REMOVE_LOOK, &why) < 0)
			continue;
		gc_tell(g, "damaged image", id, tree_usage(s->images, id));
		if (!g->rq->dry_run)
			(void)remove_image(s, id, REMOVE_UNASKED, &why);
	}
}

/* Files of refs/ and sources/ whose image does not exist. */
static void gc_dead(struct gc *g, int dirfd, const char *kind, bool is_name)
{
	char id[DIGEST_HEX + 1];
	const char *file;
	auto_names d;

	(void)names_open(&d, dirfd);
	while ((file = names_next(&d))) {
		if (file[0] == '.' ||
			(refs_read(dirfd, file, id) && path_is_there(g->store->images, id)))
			continue;
		gc_tell(g, kind, is_name ? refs_decode(&g->arena, file) : file, 0);
		if (!g->rq->dry_run)
			(void)unlinkat(dirfd, file, 0);
	}
}

static int gc_need(const struct writable_facts *f, void *arg)
{
	struct gc *g = arg;

	table_add(&g->needed, table_hash(f->image, strlen(f->image)), 0);
	return 0;
}

static int gc_note(const struct listed_image *i, void *arg)
{
	struct gc *g = arg;
	struct gc_image *m;

	g->images = xgrow(g->images, g->n, sizeof(*g->images));
	m = &g->images[g->n++];
	*m = (struct gc_image){ .size = i->record->size, .used = i->used };
	memcpy(m->id, i->record->id, sizeof(m->id));
	if (i->names)
		m->name = arena_strdup(&g->arena, i->names[0]);
	g->total += m->size;
	return 0;
}

static int gc_compare(const void *a, const void *b)
{
	const struct gc_image *x = a, *y = b;

	return x->used != y->used ? (x->used < y->used ? -1 : 1) : strcmp(x->id, y->id);
}

static bool gc_is_wanted(const struct gc *g, const struct gc_image *m)
{
	const struct gc_request *rq = g->rq;

	if (rq->max_size == GC_ANY_SIZE && rq->max_age == GC_ANY_AGE)
		return m->name != NULL;
	return !(rq->max_age != GC_ANY_AGE && time(NULL) - m->used > rq->max_age) &&
	       g->total <= rq->max_size;
}

static void gc_image(struct gc *g, const struct gc_image *m)
{
	struct gc_item item = {
		.kind = "image", .name = m->name, .id = m->id, .size = m->size, .used = m->used
	};
	const int flags = REMOVE_UNASKED | (g->rq->dry_run ? REMOVE_LOOK : 0);
	struct err why;
	size_t at = 0;

	if (table_next(&g->needed, table_hash(m->id, strlen(m->id)), &at))
		item.kept = "a name of `run --writable` needs it";
	if (!item.kept && remove_image(g->store, m->id, flags, &why) < 0)
		item.kept = why.msg;
	if (!item.kept) {
		g->total -= m->size;
		g->freed += m->size;
	}
	g->report(&item, g->arg);
}

int gc_collect(struct store *s, const struct gc_request *rq,
	void (*report)(const struct gc_item *item, void *arg), void *arg, uint64_t *ret_freed,
	struct err *e)
{
	struct gc g = { .store = s, .rq = rq, .report = report, .arg = arg };
	int r;

	gc_leftovers(&g);
	gc_damaged(&g);
	r = writable_each(s, gc_need, &g, e);
	if (r == 0)
		r = listed_image_each(s, gc_note, &g, e);
	if (r == 0 && g.n)
		qsort(g.images, g.n, sizeof(*g.images), gc_compare);
	for (size_t i = 0; r == 0 && i < g.n; i++)
		if (!gc_is_wanted(&g, &g.images[i]))
			gc_image(&g, &g.images[i]);
	/* Last, to include those of the images that were just removed. */
	gc_dead(&g, s->refs.dir, "name without an image", true);
	gc_dead(&g, s->sources, "record of a file whose image is gone", false);
	*ret_freed = g.freed;
	free(g.images);
	table_done(&g.needed);
	arena_done(&g.arena);
	return r;
}
