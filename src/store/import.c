/*
 * import: a source becomes an image in the store.
 * Writes into staging/, then makes the image by one rename.
 */
#include "store/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "image/format.h"
#include "store/holder.h"
#include "store/import_layers.h"
#include "store/record.h"
#include "store/refs.h"
#include "store/remove.h"
#include "store/worker.h"
#include "unpack/landlock.h"
#include "unpack/layer_job.h"
#include "util/fd.h"
#include "util/node.h"
#include "util/path.h"

#define IMPORT_TRIES 3 /* other processes may make and remove the image meanwhile */

void import_init(struct import *m, const struct import_request *rq, struct source *o)
{
	*m = (struct import){ .rq = rq, .source = o, .lock = -1, .stored = STORED_IMAGE_NONE };
	m->staging = (struct staging){ .dir = -1, .lock = -1 };
}

void import_done(struct import *m)
{
	image_done(&m->image);
	stored_image_close(&m->stored);
	staging_done(&m->staging);
}

/* The container itself is the tar of the root file system. */
static int import_rootfs_tar(struct import *m, struct err *e)
{
	auto_source_stream s;
	char diff_id[DIGEST_HEX_MAX + 1];

	source_stream_init(&s, m->source, 0, m->rq->stop);
	if (layer_job_run(&m->unpack, &s.stream, m->source->what, NULL, diff_id, e) < 0)
		return -1;
	return image_of_rootfs(&m->image, diff_id, e);
}

/* Called for each entry. */
static void import_progress(void *arg, const struct unpack_stats *stats)
{
	struct import *m = arg;

	if ((++m->beats & 255) == 0)
		holder_beat(m->lock);
	if (m->rq->progress)
		m->rq->progress(m->rq->progress_arg, stats);
}

static int import_behind_wall(void *arg, struct err *e)
{
	struct import *m = arg;
	const struct unpack_request rq = {
		.limits = m->rq->limits,
		.record = m->record,
		.shared = m->rq->shared,
		.stop = m->rq->stop,
		.progress = import_progress,
		.progress_arg = m,
	};
	int r = unpack_init(&m->unpack, m->staging.dir, &rq, e);

	if (r == 0 && m->image.kind == IMAGE_ROOTFS)
		r = import_rootfs_tar(m, e);
	else if (r == 0)
		r = import_layers_unpack(&m->unpack, &m->image, &m->source->container, e);
	if (r == 0)
		r = unpack_finish(&m->unpack, e);
	unpack_done(&m->unpack);
	return r;
}

int import_tree(struct import *m, struct err *e)
{
	return landlock_run(m->staging.dir, import_behind_wall, m, e);
}

static int import_write_documents(struct import *m, struct err *e)
{
	struct record r = {
		.size = m->unpack.tables.stats.bytes,
		.entries = m->unpack.tables.stats.entries,
		.unpacked = time(NULL),
	};
	struct stat above;

	memcpy(r.id, m->image.id, sizeof(r.id));
	if (!node_shares(m->staging.dir))
		(void)node_boot(r.boot);
	/* Without a boot id, a later run, here or on another machine, cannot know of a crash: write
	 * the data to the disk now. */
	if (!r.boot[0] && syncfs(m->staging.dir) < 0)
		return err_set(e, errno, "staging: sync");
	/* Nobody else can reach it yet, below staging/.  Who may add images there may note a use of it. */
	if (m->rq->shared &&
		(fstat(m->staging.parent, &above) < 0 || fchmod(m->staging.dir, 0755) < 0 ||
			fchmod(m->staging.lock, above.st_mode & 022 ? 0666 : 0644) < 0))
		return err_set(e, errno, "staging: let others read the image");
	if (record_document(m->staging.dir, "config.json", m->image.config_text,
		    m->image.config_len, e) < 0)
		return -1;
	if (m->image.manifest_text &&
		record_document(m->staging.dir, "manifest.json", m->image.manifest_text,
			strlen(m->image.manifest_text), e) < 0)
		return -1;
	return record_write(m->staging.dir, &r, e);
}

/* Remove it, unless another process has made it anew meanwhile. */
static int import_remove_damaged(struct store *s, const char *id, struct err *e)
{
	struct removal gone;
	int r = removal_begin(&gone, s, id, false, e);

	if (r == 0 && stored_image_is_damaged(gone.dir, id, true))
		r = removal_finish(&gone, e);
	removal_done(&gone);
	return r;
}

/*
 * Returns 1 with the image opened, or 0 if the store does not have it; one that a crash may have
 * damaged is removed.  Returns -1 with e if that cannot be decided now, for example without a free
 * descriptor: an image in use must not vanish for that.
 */
static int import_open_stored(
	struct store *s, const char *id, struct stored_image *ret, struct err *e)
{
	struct err why;

	for (int i = 0; i < IMPORT_TRIES; i++) {
		why = (struct err){ 0 };
		stored_image_close(ret);
		if (stored_image_open(ret, s, id, &why) == 0)
			return 1;
		stored_image_close(ret);
		staging_look_anew(s->images);
		if (why.code == ENOENT && !path_is_there(s->images, id))
			return 0;
		/* ESTALE: the machine was restarted; 0: the record is not valid; ENOENT: a part is
		 * missing. */
		if (why.code != ENOENT && why.code != ESTALE && why.code != 0)
			break;
		if (import_remove_damaged(s, id, &why) < 0 && why.code != ENOENT)
			break;
	}
	*e = why;
	return -1;
}

/* Make it an image by a rename.  If another process was first, use its image, unless a third one
 * removes that. */
static int import_publish(struct import *m, struct store *s, struct err *e)
{
	int r = 0;

	staging_share(&m->staging);
	for (int i = 0; r == 0 && m->staging.name[0] && i < IMPORT_TRIES; i++) {
		if (renameat(s->staging, m->staging.name, s->images, m->image.id) == 0)
			staging_forget(&m->staging);
		else if (errno != EEXIST && errno != ENOTEMPTY)
			return err_set(e, errno, "store: image %.12s", m->image.id);
		r = import_open_stored(s, m->image.id, &m->stored, e);
	}
	return r > 0 ? 0 : r < 0 ? -1 : err_set(e, 0, "store: image %.12s is damaged", m->image.id);
}

/* Let the owner open the root directory, which every run does; inside, root needs no permission. */
static int import_open_up_root(struct import *m, struct err *e)
{
	struct stat st;

	if (fstatat(m->staging.dir, "rootfs", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(e, errno, "staging: rootfs");
	if ((st.st_mode & 0500) != 0500 &&
		fchmodat(m->staging.dir, "rootfs", (st.st_mode & 07777) | 0500, 0) < 0)
		return err_set(e, errno, "staging: mode of the root");
	return 0;
}

int import_locked(struct import *m, struct store *s, struct err *e)
{
	int r = m->image.id[0] ? import_open_stored(s, m->image.id, &m->stored, e) : 0;

	if (r != 0)
		return r < 0 ? -1 : 0;
	if (!m->staging.name[0] && staging_new(&m->staging, s->staging, "new", e) < 0)
		return -1;
	m->record = true;
	if (import_tree(m, e) < 0 || import_open_up_root(m, e) < 0 ||
		import_write_documents(m, e) < 0)
		return err_wrap(e, "%s", m->source->what);
	return import_publish(m, s, e);
}

/* Open the image that sources/ names for this file, if the store still has it. */
static bool import_look_up(struct import *m, struct store *s)
{
	const struct source *o = m->source;
	char found[DIGEST_HEX + 1] = "";
	struct err why;
	bool known = o->key[0] && refs_read(s->sources, o->key, found);

	for (size_t i = 0; o->key[0] && !known && i < s->n_others; i++)
		known = s->others[i].sources >= 0 && refs_read(s->others[i].sources, o->key, found);
	if (!known || import_open_stored(s, found, &m->stored, &why) <= 0)
		return false;
	memcpy(m->image.id, found, sizeof(found));
	return true;
}

/* Give it the names in the archive, if it is in this store. */
static void import_name(struct import *m, struct store *s)
{
	struct err why;

	if (!m->image.names.n || m->stored.store != s)
		return;
	for (size_t i = 0; i < m->image.names.n; i++)
		/* A name that is not valid is ignored. */
		if (refs_set(s, m->image.names.v[i], m->image.id, &why) > 0)
			stored_image_used(&m->stored, true);
}

int import_image(struct import *m, struct store *s, bool locked, struct err *e)
{
	/* The id of a rootfs tar is known only after it was read: lock the file instead. */
	const char *key = m->image.id[0] ? m->image.id : locked ? "" : m->source->key;
	int lock = -1, r;

	if (key[0]) {
		lock = staging_lock(s->staging, key, m->rq->stop, e);
		if (lock < 0)
			return -1;
		m->lock = lock;
	}
	r = import_look_up(m, s) ? 0 : import_locked(m, s, e);
	if (r == 0) {
		import_name(m, s);
		/* A short cut: without it the next run reads the manifest again. */
		if (m->source->key[0])
			(void)refs_write(s, s->sources, m->source->key, m->image.id);
	}
	if (key[0])
		staging_unlock(s->staging, key, lock);
	return r;
}

static int import_source(struct import *m, struct store *s, bool locked, struct err *e)
{
	if (source_index(m->source, m->rq, s->staging, &m->staging, e) < 0 ||
		format_load(&m->image, &m->source->container, &m->rq->choice, e) < 0)
		return -1;
	return import_image(m, s, locked, e);
}

/* If several processes come with the same compressed file, only one spools it. */
static int import_new(struct import *m, struct store *s, struct err *e)
{
	const char *key = source_is_plain(m->source) ? "" : m->source->key;
	int lock, r;

	staging_sweep(s->staging, "");
	staging_sweep_files(s->refs.dir);
	staging_sweep_files(s->sources);
	if (!key[0])
		return import_source(m, s, false, e);
	lock = staging_lock(s->staging, key, m->rq->stop, e);
	if (lock < 0)
		return -1;
	m->lock = lock;
	r = import_look_up(m, s) ? 0 : import_source(m, s, true, e);
	staging_unlock(s->staging, key, lock);
	return r;
}

struct import_work {
	struct import *import;
	struct store *store;
};

static int import_work(void *arg, struct worker_answer *a, struct err *e)
{
	struct import_work *w = arg;
	struct import *m = w->import;
	int r = import_new(m, w->store, e);

	staging_done(&m->staging);
	memcpy(a->id, m->image.id, sizeof(a->id));
	a->stats = m->unpack.tables.stats;
	return r;
}

/* A worker's image is opened by its id. */
static int import_anew(struct import *m, struct store *s, struct err *e)
{
	struct import_work w = { m, s };
	const struct worker work = { .fn = import_work,
		.arg = &w,
		.parent = s->staging,
		.prefix = "",
		.stop = m->rq->stop };
	struct worker_answer a;
	int r = worker_run(&work, &a, e);

	m->unpack.tables.stats = a.stats;
	if (r < 0 || !a.apart)
		return r;
	memcpy(m->image.id, a.id, sizeof(a.id));
	r = import_open_stored(s, a.id, &m->stored, e);
	return r > 0 ? 0 : r < 0 ? -1 : err_set(e, ENOENT, "image %.12s", a.id);
}

int import_to_store(struct store *s, const struct import_request *rq, struct stored_image *ret,
	struct unpack_stats *ret_stats, struct err *e)
{
	struct source o;
	struct import m;
	int r = source_open(&o, rq, e);

	import_init(&m, rq, &o);
	staging_sweep_few(s->staging, "");
	if (r == 0 && !import_look_up(&m, s))
		r = import_anew(&m, s, e);
	*ret = m.stored;
	m.stored = STORED_IMAGE_NONE; /* handed over */
	if (r == 0 && m.image.config_text) {
		ret->has_config = true;
		ret->config = m.image.config;
		ret->arena = m.image.arena;
		m.image.arena = (struct arena){ .head = NULL };
	}
	if (ret_stats)
		*ret_stats = m.unpack.tables.stats;
	import_done(&m);
	source_done(&o);
	return r;
}
