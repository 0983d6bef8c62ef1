/*
 * load: imports every image of a source.
 * Reads the source; writes what import.c writes.
 */
#include "store/load.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "image/format.h"
#include "store/cache.h"
#include "store/import.h"
#include "store/save.h"
#include "store/worker.h"
#include "util/fd.h"
#include "util/path.h"

struct load {
	struct store *store;
	const struct import_request *rq;
	struct source source;
	struct candidates images; /* in the source */
	struct staging spool;	  /* of a compressed or piped source */
	void (*fn)(const char *id, char *const *names);
};

/*
 * A node that makes a copy for itself reads one file, instead of asking a server for each file of the tree.
 * Every file of such an image is readable.
 */
static int load_write_archive(const struct load *l, struct stored_image *i, struct err *e)
{
	const struct save_request rq = { .stop = l->rq->stop };
	char temporary[FD_TEMPORARY_SIZE];
	int r;

	if (path_is_there(i->dir, CACHE_ARCHIVE))
		return 0;
	staging_sweep_files(i->dir);
	auto_fd fd = fd_create_temporary(i->dir, temporary);
	if (fd < 0)
		return err_set(e, errno, "image %.12s: " CACHE_ARCHIVE, i->record.id);
	r = save_archive(i, &rq, fd, e);
	if (r < 0)
		fd_closep(&fd);
	if (fd_replace_by(i->dir, temporary, &fd, CACHE_ARCHIVE, 0644) < 0 && r == 0)
		r = err_set(e, errno, "image %.12s: " CACHE_ARCHIVE, i->record.id);
	return r;
}

/*
 * An image for other users must have been unpacked for them.  Its data has to be on the disk: their
 * machines cannot know whether this one crashed.
 */
static int load_share(const struct load *l, struct stored_image *i, struct err *e)
{
	struct stat st;

	if (fstat(i->dir, &st) == 0 && (st.st_mode & 05) != 05) {
		(void)err_set(
			e, 0, "image %.12s: is in the store for its owner only", i->record.id);
		return err_hint(e, "remove it with `sandbox rm`, then load it again");
	}
	return load_write_archive(l, i, e) < 0 ? -1 : stored_image_settle(i, e);
}

static int load_one(struct load *l, const struct import_request *rq, struct err *e)
{
	struct import m;
	int r;

	import_init(&m, rq, &l->source);
	r = format_load_from(&m.image, &l->images, &rq->choice, e);
	if (r == 0)
		r = import_image(&m, l->store, false, e);
	if (r == 0 && rq->shared)
		r = load_share(l, &m.stored, e);
	if (r == 0)
		l->fn(m.image.id, m.image.names.v);
	import_done(&m);
	return r;
}

static int load_all(struct load *l, struct err *e)
{
	struct arena a = { 0 };
	struct strv names = { 0 };
	struct import_request rq = *l->rq;
	int r = source_index(&l->source, &rq, l->store->staging, &l->spool, e);

	if (r == 0)
		r = format_gather(&l->images, &l->source.container, &rq.choice, &a, e);
	if (r == 0 && !rq.choice.name)
		candidates_all(&l->images, &rq.choice, &a, &names);
	/* The key stands for the image that is chosen without a name. */
	if (names.n > 1)
		l->source.key[0] = '\0';
	for (size_t i = 0; r == 0 && (i == 0 || i < names.n); i++) {
		if (names.n > 1)
			rq.choice.name = names.v[i];
		r = load_one(l, &rq, e);
	}
	candidates_done(&l->images);
	arena_done(&a);
	return r;
}

static int load_work(void *arg, struct worker_answer *a, struct err *e)
{
	struct load *l = arg;
	int r;

	(void)a;
	staging_sweep(l->store->staging, "");
	r = source_open(&l->source, l->rq, e);
	if (r == 0)
		r = load_all(l, e);
	source_done(&l->source);
	staging_done(&l->spool);
	return r;
}

int load_images(struct store *s, const struct import_request *rq,
	void (*fn)(const char *id, char *const *names), struct err *e)
{
	struct load l = { .store = s, .rq = rq, .fn = fn };
	const struct worker work = {
		.fn = load_work, .arg = &l, .parent = s->staging, .prefix = "", .stop = rq->stop
	};
	struct worker_answer a;

	l.spool = (struct staging){ .dir = -1, .lock = -1 };
	return worker_run(&work, &a, e);
}
