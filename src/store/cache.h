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

struct cache_request {
	const char *dir; /* NULL: there is none */
	bool several;	 /* other users fill it, too */
	struct gc_request keep;
};

/*
 * Have *i, an image of another store, in the cache: as another process has made it, or from its archive,
 * after the least recently used ones made room.  Waits for another process that makes the same.  import
 * has the limits of unpacking and the like.  Returns 0 with *i in the cache; or -1 with e and *i as it was
 * (ENOENT: its store has no archive of it).  *ret_stats gets what was unpacked.
 */
int cache_take(struct store *cache, const struct cache_request *rq,
	const struct import_request *import, struct stored_image *i, struct unpack_stats *ret_stats,
	struct err *e);
