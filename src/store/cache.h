/*
 * cache: images of stores that are only read, unpacked once more on a disk of this node.
 *
 * A cache is a store without names.  It is always safe to lose: a run whose image cannot be copied uses the
 * store that has it.
 */
#pragma once

#include "store/gc.h"
#include "store/import_request.h"
#include "store/stored_image.h"

/* What a copy is made of, in an image's folder: an archive of the image as `sandbox save` writes it. */
#define CACHE_ARCHIVE "image.tar"

struct cache {
	const char *dir; /* NULL or "": there is none */
	bool several;	 /* other users fill it, too */
	struct gc_request keep;
	struct store store; /* from cache_open to cache_done */
};

/* The run goes on without its cache: say why, once for all runs that now come here for the same reason. */
void cache_tell(const struct err *why);

/* See store_open_cache. */
int cache_open(struct cache *c, struct err *e);
void cache_done(struct cache *c);

/*
 * Open the copy of an image that one of s's others has.  If there is none yet, make it of its archive, after
 * the least recently used ones made room, or wait for another process that does.  import has the limits of
 * unpacking and the like.  Returns 0, or -1 with e (ENOENT: none of the others has the image, or an archive
 * of it); stored_image_close in both cases.  *ret_stats gets what was unpacked.
 */
int cache_take(struct cache *c, struct store *s, const char *id,
	const struct import_request *import, struct stored_image *ret,
	struct unpack_stats *ret_stats, struct err *e);
