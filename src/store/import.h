/*
 * import: one image on its way into the store, or into a folder.
 */
#pragma once

#include "store/source.h"
#include "store/staging.h"
#include "store/stored_image.h"
#include "unpack/unpack.h"

/*
 * Find rq's image in the store, or unpack it there.  Returns 0 with the image opened in ret, or -1
 * with e; a failure leaves nothing behind.  Call stored_image_close in both cases.  ret_stats, if
 * not NULL, gets what was unpacked (all 0 if nothing was).
 */
int import_to_store(struct store *s, const struct import_request *rq, struct stored_image *ret,
	struct unpack_stats *ret_stats, struct err *e);

/* For load.c and folder.c. */
struct import {
	const struct import_request *rq;
	struct source *source; /* borrowed, opened */
	struct image image;    /* to be loaded from it */
	struct staging staging;
	struct unpack unpack;
	struct stored_image stored; /* opened as soon as the store has it */
	bool record;		    /* write unpack/contents.h's record of what is unpacked */
	int lock;		    /* borrowed, for holder_beat; -1: none */
	unsigned beats;		    /* entries since the last one */
};

void import_init(struct import *m, const struct import_request *rq, struct source *o);
void import_done(struct import *m);

/* Unpack the tree of the loaded image below m->staging, which the caller has made. */
int import_tree(struct import *m, struct err *e);

/*
 * Unpack the loaded image, unless the store has it: another process may just have unpacked it.  The caller
 * holds a lock that keeps others from the same work.  Returns 0 with m->stored set, or -1 with e.
 */
int import_locked(struct import *m, struct store *s, struct err *e);

/*
 * Find the loaded image in the store, or unpack it there, and give it its names.  locked: the
 * caller holds the lock of this source.  Returns 0 with m->image.id and m->stored set, or -1 with e.
 */
int import_image(struct import *m, struct store *s, bool locked, struct err *e);
