/*
 * gc: removes what the store no longer needs.
 * Touches all of the store except writable/ and what is in use.
 */
#include "store/gc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
#include "util/proc.h"
#include "util/table.h"
#include "util/tree.h"

#define GC_PAUSE_MS 10

struct gc_image {
	char id[DIGEST_HEX + 1];
	const char *name; /* NULL: it has none */
	uint64_t size;
	int64_t used;
	struct timespec touched; /* of its lock file */
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
	unsigned failed;     /* what could not be removed, and was not in use */
	struct table needed; /* hashes of the ids of images that a --writable name needs */
};

static void gc_tell(struct gc *g, const char *kind, const char *name, uint64_t size)
{
	g->freed += size;
	g->report(&(struct gc_item){ .kind = kind, .name = name, .size = size }, g->arg);
}

/* It stays, since this failed. */
static void gc_fail(struct gc *g, const char *name, const char *why)
{
	g->failed++;
	g->report(&(struct gc_item){ .name = name, .kept = why }, g->arg);
}

static void gc_leftover(const char *name, void *arg)
{
	struct gc *g = arg;
	const uint64_t size = tree_usage(g->store->staging, name);

	if (!g->rq->dry_run && staging_remove_leftover(g->store->staging, name) < 0)
		gc_fail(g, name, strerror(errno));
	else
		gc_tell(g, "leftover of a process that was ended", name, size);
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

/* Does the image have no record, or a part missing?  Such an image is never used. */
static bool gc_is_damaged(struct store *s, const char *id)
{
	struct stored_image i;
	struct err why = { 0 };
	int r = stored_image_open(&i, s, id, &why);

	stored_image_close(&i);
	return r < 0 && (why.code == 0 || why.code == ENOENT);
}

static void gc_damaged_one(struct gc *g, const char *id)
{
	const uint64_t size = tree_usage(g->store->images, id);
	struct removal r;
	struct err why;

	/* Meanwhile another process may have made it anew. */
	if (removal_begin(&r, g->store, id, true, &why) == 0 &&
		stored_image_is_damaged(r.dir, id, false)) {
		if (!g->rq->dry_run && removal_finish(&r, &why) < 0)
			gc_fail(g, id, why.msg);
		else
			gc_tell(g, "damaged image", id, size);
	}
	removal_done(&r);
}

static void gc_damaged(struct gc *g)
{
	const char *id;
	auto_names d;

	(void)names_open(&d, g->store->images);
	while ((id = names_next(&d)))
		if (digest_is_hex(id) && gc_is_damaged(g->store, id))
			gc_damaged_one(g, id);
}

/* Files of refs/ and sources/ whose image does not exist. */
static void gc_dead(struct gc *g, int dirfd, const char *kind, bool is_name)
{
	const char *file;
	auto_names d;

	(void)names_open(&d, dirfd);
	while ((file = names_next(&d))) {
		int dead = file[0] == '.' ? 0
					  : refs_remove_dead(g->store, dirfd, file, g->rq->dry_run);

		if (dead < 0)
			gc_fail(g, file, strerror(errno));
		else if (dead)
			gc_tell(g, kind, is_name ? refs_decode(&g->arena, file) : file, 0);
	}
}

static int gc_need(const struct writable_facts *f, void *arg)
{
	struct gc *g = arg;

	table_add(&g->needed, table_hash(f->image, strlen(f->image)), 0);
	return 0;
}

/* The names of images, and what --writable keeps, are read after the times of use. */
static int gc_note(const struct listed_image *i, void *arg)
{
	struct gc *g = arg;
	struct gc_image *m;
	struct stat st = { 0 };

	/* A use within the clock's resolution would not show in the time. */
	while (fstatat(i->dir, STAGING_LOCK, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		!path_is_settled(&st))
		proc_pause(GC_PAUSE_MS);
	g->images = xgrow(g->images, g->n, sizeof(*g->images));
	m = &g->images[g->n++];
	*m = (struct gc_image){ .size = i->record->size, .used = i->used, .touched = st.st_mtim };
	memcpy(m->id, i->record->id, sizeof(m->id));
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

/* Why it stays, or NULL.  It is held for removal: nobody can use or name it any more. */
static const char *gc_keeps(const struct gc_image *m, const struct removal *r)
{
	return r->lock >= 0 && (r->used.tv_sec != m->touched.tv_sec ||
				       r->used.tv_nsec != m->touched.tv_nsec)
		       ? "it has just been used"
		       : NULL;
}

static void gc_image(struct gc *g, const struct gc_image *m)
{
	struct gc_item item = {
		.kind = "image", .name = m->name, .id = m->id, .size = m->size, .used = m->used
	};
	struct removal r = { .dir = -1, .lock = -1 };
	struct err why = { 0 };
	size_t at = 0;

	if (table_next(&g->needed, table_hash(m->id, strlen(m->id)), &at))
		item.kept = "a name of `run --writable` needs it";
	else if (removal_begin(&r, g->store, m->id, true, &why) == 0)
		item.kept = gc_keeps(m, &r);
	if (!item.kept && !why.msg[0] && !g->rq->dry_run)
		(void)removal_finish(&r, &why);
	removal_done(&r);
	if (why.msg[0])
		item.kept = why.msg;
	g->failed += why.msg[0] && why.code != EBUSY && why.code != ENOENT;
	if (!item.kept || why.code == ENOENT)
		g->total -= m->size;
	if (why.code == ENOENT)
		return; /* another process was faster */
	g->freed += item.kept ? 0 : m->size;
	g->report(&item, g->arg);
}

static int gc_images(struct gc *g, struct err *e)
{
	struct store *s = g->store;
	struct ref *refs;

	if (listed_image_each(s, gc_note, g, e) < 0)
		return -1;
	refs_forget(&s->refs);
	for (size_t i = 0; i < g->n; i++)
		if (refs_of(s, g->images[i].id, &refs))
			g->images[i].name = refs->name;
	if (writable_each(s, gc_need, g, e) < 0)
		return -1;
	if (g->n)
		qsort(g->images, g->n, sizeof(*g->images), gc_compare);
	for (size_t i = 0; i < g->n; i++)
		if (!gc_is_wanted(g, &g->images[i]))
			gc_image(g, &g->images[i]);
	return 0;
}

int gc_collect(struct store *s, const struct gc_request *rq,
	void (*report)(const struct gc_item *item, void *arg), void *arg, uint64_t *ret_freed,
	struct err *e)
{
	struct gc g = { .store = s, .rq = rq, .report = report, .arg = arg };
	int r;

	gc_leftovers(&g);
	gc_damaged(&g);
	r = gc_images(&g, e);
	/* Last, to include those of the images that were just removed. */
	gc_dead(&g, s->refs.dir, "name without an image", true);
	gc_dead(&g, s->sources, "record of a file whose image is gone", false);
	*ret_freed = g.freed;
	if (r == 0 && g.failed)
		r = err_set(e, 0, "gc: not all could be removed that is no longer needed");
	free(g.images);
	table_done(&g.needed);
	arena_done(&g.arena);
	return r;
}
