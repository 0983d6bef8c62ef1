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
#include "unpack/reserve.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/size.h"

static int cache_add_size(const struct listed_image *i, void *arg)
{
	*(uint64_t *)arg += i->record->size;
	return 0;
}

static uint64_t cache_size(struct store *cache)
{
	uint64_t size = 0;
	struct err why;

	(void)listed_image_each(cache, cache_add_size, &size, &why);
	return size;
}

static void cache_removed(const struct gc_item *item, void *arg)
{
	(void)item;
	(void)arg;
}

/* The size that all images in the cache may have: what the site says, or what the disk has for them. */
static uint64_t cache_limit(
	const struct store *cache, const struct cache_request *rq, uint64_t used, uint64_t reserve)
{
	struct statvfs fs;
	uint64_t available;

	reserve = reserve_of(cache->fd, reserve);
	/* A file system that does not report its size may have room. */
	if (fstatvfs(cache->fd, &fs) < 0 || fs.f_blocks == 0)
		return rq->keep.max_size;
	available = used + (uint64_t)fs.f_bavail * fs.f_frsize;
	available = available > reserve ? available - reserve : 0;
	return available < rq->keep.max_size ? available : rq->keep.max_size;
}

/* Nothing is removed if that would not be enough. */
static int cache_make_room(struct store *cache, const struct cache_request *rq, uint64_t size,
	uint64_t reserve, struct err *e)
{
	struct gc_request gc = rq->keep;
	uint64_t used = cache_size(cache), freed;
	char text[32];
	struct err why;

	gc.max_size = cache_limit(cache, rq, used, reserve);
	if (gc.max_size >= size) {
		gc.max_size -= size;
		if (used > gc.max_size || gc.max_age != GC_ANY_AGE) {
			(void)gc_collect(cache, &gc, cache_removed, NULL, &freed, &why);
			used = cache_size(cache);
		}
		if (used <= gc.max_size)
			return 0;
	}
	return err_set(
		e, ENOSPC, "%s: no room for %s", cache->path, size_text(text, sizeof(text), size));
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

/* m holds the lock of this work. */
static int cache_unpack(struct import *m, struct store *cache, const struct cache_request *rq,
	const struct stored_image *i, struct err *e)
{
	const struct record *record = &i->record;

	if (stored_image_open(&m->stored, cache, record->id, e) == 0)
		return 0;
	stored_image_close(&m->stored);
	if (cache_make_room(cache, rq, record->size, m->rq->limits.reserve, e) < 0 ||
		source_index(m->source, m->rq, cache->staging, &m->staging, e) < 0 ||
		cache_load(m, i, e) < 0)
		return -1;
	return import_locked(m, cache, e);
}

int cache_take(struct store *cache, const struct cache_request *rq,
	const struct import_request *import, struct stored_image *i, struct unpack_stats *ret_stats,
	struct err *e)
{
	auto_fd fd = path_open_beneath(i->dir, CACHE_ARCHIVE, O_RDONLY, 0);
	const struct import_request request = { .source = CACHE_ARCHIVE,
		.fd = fd,
		.limits = import->limits,
		.shared = rq->several,
		.stop = import->stop,
		.progress = import->progress,
		.progress_arg = import->progress_arg };
	char key[DIGEST_HEX + 32];
	struct source o;
	struct import m;
	int r;

	if (fd < 0)
		return err_set(e, errno, "image %.12s: " CACHE_ARCHIVE, i->record.id);
	/* Users do not wait for each other: the lock of one who is at fault would hold all of them. */
	(void)snprintf(key, sizeof(key), "%s-%u", i->record.id, (unsigned)geteuid());
	r = source_open(&o, &request, e);
	import_init(&m, &request, &o);
	staging_sweep_few(cache->staging, "");
	m.lock = r < 0 ? -1 : staging_lock(cache->staging, key, request.stop, e);
	if (m.lock >= 0) {
		r = cache_unpack(&m, cache, rq, i, e);
		staging_unlock(cache->staging, key, m.lock);
	} else {
		r = -1;
	}
	if (r == 0) {
		stored_image_close(i);
		*i = m.stored;
		m.stored = STORED_IMAGE_NONE; /* handed over */
	}
	*ret_stats = m.unpack.tables.stats;
	import_done(&m);
	source_done(&o);
	return r;
}
