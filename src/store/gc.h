/*
 * gc: what the store no longer needs.
 */
#ifndef STORE_GC_H
#define STORE_GC_H

#include "store/store.h"

/* Without a limit, images that have no name go; with one, those that it says, named or not. */
struct gc_request {
	bool has_max, has_age;
	uint64_t max_size; /* images stay under so many bytes: the least recently used go */
	int64_t max_age;   /* seconds: those that were not used for longer go */
	bool dry_run;
};

/* Something that goes, or has to stay. */
struct gc_item {
	const char *kind; /* "image", "leftover", "name" ... */
	const char *name; /* of any bytes */
	const char *id;	  /* of an image, else NULL */
	uint64_t size;	  /* bytes */
	int64_t used;	  /* of an image */
	const char *kept; /* why it stays; NULL: it goes */
};

/*
 * Remove what nobody needs, and call tell for each (before it goes); what cannot be removed is told
 * with the reason.  What is in use, or goes with something that runs have written, is not touched.
 * Returns 0 with the bytes that were freed, or -1 with e.
 */
int gc_collect(struct store *s, const struct gc_request *rq,
	void (*tell)(const struct gc_item *item, void *arg), void *arg, uint64_t *ret_freed,
	struct err *e);

#endif
