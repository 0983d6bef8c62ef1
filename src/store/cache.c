/*
 * cache: fills a cache and makes room in it.
 * Writes what import.c writes, removes what gc.c removes; reads the archive in an image's folder.
 */
#include "store/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "image/format.h"
#include "store/import.h"
#include "store/listed_image.h"
#include "store/staging.h"
#include "unpack/reserve.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/path.h"
#include "util/size.h"

int cache_open(struct cache *c, struct err *e)
{
	return store_open_cache(&c->store, c->dir, c->several, e);
}

void cache_done(struct cache *c)
{
	store_done(&c->store);
}

void cache_tell(const struct err *why)
{
	char key[DIGEST_HEX + 1];
	int fd;

	digest_of(why->msg, strlen(why->msg), key);
	if (staging_tells_first(key, &fd)) {
		/* fd stays open until this process ends: others are about to come to the same. */
		log_note("running without the cache: %s", why->msg);
		return;
	}
	fd_closep(&fd);
	log_verbose("running without the cache: %s", why->msg);
}

static int cache_add_size(const struct listed_image *i, void *arg)
{
	*(uint64_t *)arg += i->record->size;
	return 0;
}

static uint64_t cache_size(struct cache *c)
{
	uint64_t size = 0;
	struct err why;

	(void)listed_image_each(&c->store, cache_add_size, &size, &why);
	return size;
}

static void cache_removed(const struct gc_item *item, void *arg)
{
	(void)item;
	(void)arg;
}

/* The size that all images in the cache may have: what the site says, or what the disk has for them. */
static uint64_t cache_limit(const struct cache *c, uint64_t used, uint64_t reserve)
{
	struct statvfs fs;
	uint64_t available;

	reserve = reserve_of(c->store.fd, reserve);
	/* A file system that does not report its size may have room. */
	if (fstatvfs(c->store.fd, &fs) < 0 || fs.f_blocks == 0)
		return c->keep.max_size;
	available = used + (uint64_t)fs.f_bavail * fs.f_frsize;
	available = available > reserve ? available - reserve : 0;
	return available < c->keep.max_size ? available : c->keep.max_size;
}

/* Nothing is removed if that would not be enough. */
static int cache_make_room(struct cache *c, uint64_t size, uint64_t reserve, struct err *e)
{
	struct gc_request gc = c->keep;
	uint64_t used = cache_size(c), freed;
	char text[32];
	struct err why;

	gc.max_size = cache_limit(c, used, reserve);
	if (gc.max_size >= size) {
		gc.max_size -= size;
		if (used > gc.max_size || gc.max_age != GC_ANY_AGE) {
			(void)gc_collect(&c->store, &gc, cache_removed, NULL, &freed, &why);
			used = cache_size(c);
		}
		if (used <= gc.max_size)
			return 0;
	}
	return err_set(e, ENOSPC, "%s: no room for %s", c->store.path,
		size_text(text, sizeof(text), size));
}

/* The archive has the files of *i in another layer: the copy has the documents, and so the id, of *i. */
static int cache_load(struct import *m, const struct stored_image *i, struct err *e)
{
	struct image *image = &m->image;
	size_t len;
	auto_free char *config = NULL, *manifest = NULL;

	if (format_load(image, &m->source->container, &m->rq->choice, e) < 0)
		return -1;
	config = stored_image_text(i, &len, e);
	if (!config)
		return -1;
	image->config_text = arena_strndup(&image->arena, config, len);
	image->config_len = len;
	manifest = path_read_beneath(i->dir, "manifest.json", IMAGE_DOCUMENT_MAX, NULL);
	image->manifest_text = manifest ? arena_strdup(&image->arena, manifest) : NULL;
	memcpy(image->id, i->record.id, sizeof(image->id));
	return 0;
}

/* i is the image, and the caller holds the lock of this work. */
static int cache_unpack(struct cache *c, const struct import_request *import,
	const struct stored_image *i, struct import *m, struct err *e)
{
	if (cache_make_room(c, i->record.size, import->limits.reserve, e) < 0 ||
		source_open(m->source, import, e) < 0 ||
		source_index(m->source, import, c->store.staging, &m->staging, e) < 0 ||
		cache_load(m, i, e) < 0)
		return -1;
	return import_locked(m, &c->store, e);
}

static int cache_make(struct cache *c, const struct import_request *import,
	const struct stored_image *i, int lock, struct stored_image *ret,
	struct unpack_stats *ret_stats, struct err *e)
{
	auto_fd fd = path_open_beneath(i->dir, CACHE_ARCHIVE, O_RDONLY | O_NONBLOCK, 0);
	struct import_request request = { .source = CACHE_ARCHIVE,
		.fd = fd,
		.limits = import->limits,
		.shared = c->several,
		.stop = import->stop,
		.progress = import->progress,
		.progress_arg = import->progress_arg };
	struct source o = { .fd = -1, .spool = -1 };
	struct import m;
	int r;

	if (fd < 0)
		return err_set(e, errno, "image %.12s: " CACHE_ARCHIVE, i->record.id);
	staging_sweep_few(c->store.staging, "");
	import_init(&m, &request, &o);
	m.lock = lock;
	r = cache_unpack(c, &request, i, &m, e);
	*ret = m.stored;
	m.stored = STORED_IMAGE_NONE; /* handed over */
	*ret_stats = m.unpack.tables.stats;
	import_done(&m);
	source_done(&o);
	return r;
}

int cache_take(struct cache *c, struct store *s, const char *id,
	const struct import_request *import, struct stored_image *ret,
	struct unpack_stats *ret_stats, struct err *e)
{
	struct stored_image i = STORED_IMAGE_NONE;
	char key[DIGEST_HEX + 32];
	size_t n = 0;
	int lock, r;

	if (stored_image_open(ret, &c->store, id, e) == 0)
		return 0;
	while (n < s->n_others && !path_is_there(s->others[n].images, id))
		n++;
	if (n == s->n_others) {
		(void)err_set(e, 0, "image %.12s: no store that is only read has it", id);
		e->code = ENOENT;
		return -1;
	}
	/* Users do not wait for each other: the lock of one who is at fault would hold all of them. */
	(void)snprintf(key, sizeof(key), "%s-%u", id, (unsigned)geteuid());
	lock = staging_lock(c->store.staging, key, import->stop, e);
	if (lock < 0)
		return -1;
	/* Only the process that makes the copy asks the other store for anything. */
	stored_image_close(ret);
	r = stored_image_open(ret, &c->store, id, e);
	if (r < 0) {
		stored_image_close(ret);
		r = stored_image_open(&i, &s->others[n], id, e);
		if (r == 0)
			r = cache_make(c, import, &i, lock, ret, ret_stats, e);
		stored_image_close(&i);
	}
	staging_unlock(c->store.staging, key, lock);
	return r;
}
