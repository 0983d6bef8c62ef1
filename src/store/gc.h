/*
 * gc: removes what the store no longer needs.
 */
#pragma once

#include "store/store.h"

#define GC_ANY_SIZE UINT64_MAX
#define GC_ANY_AGE (-1)

/* Without a limit, images without a name are removed; with one, named images too. */
struct gc_request {
	uint64_t
		max_size; /* bytes of all images: the least recently used are removed until they fit */
	int64_t max_age; /* seconds: images that were not used for longer are removed */
	bool dry_run;
};

/* Something that was removed (with dry_run: would be), or that has to stay. */
struct gc_item {
	const char *kind; /* "image", "leftover", "name" ... */
	const char *name; /* may hold any bytes */
	const char *id;	  /* of an image, else NULL */
	uint64_t size;	  /* bytes */
	int64_t used;	  /* of an image */
	const char *kept; /* why it stays; NULL: it is removed */
};

/*
 * Remove what is no longer needed.  Calls report for each item that was removed, or has to stay.
 * Images in use, and images of a --writable name, stay.  Returns 0, or -1 with e, also if something
 * could not be removed; *ret_freed is the number of bytes freed in both cases.
 */
int gc_collect(struct store *s, const struct gc_request *rq,
	void (*report)(const struct gc_item *item, void *arg), void *arg, uint64_t *ret_freed,
	struct err *e);
