/*
 * import: one image on its way into the store, or into a folder.
 */
#ifndef STORE_IMPORT_H
#define STORE_IMPORT_H

#include "store/source.h"
#include "store/staging.h"
#include "store/stored_image.h"
#include "unpack/unpack.h"

/*
 * Find the image of rq in the store, or unpack it into it.  Returns 0 with it opened in ret, or -1
 * with e; nothing is left of a failure.  stored_image_close in both cases.  ret_stats, where not
 * NULL, says what was unpacked (all 0 where nothing was).
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
	struct stored_image stored; /* opened, once the store has it */
	bool record;		    /* what was unpacked, see unpack/contents.h */
	int lock;		    /* borrowed: see holder_beat; -1: none */
	unsigned beats;		    /* entries since the last */
};

void import_init(struct import *m, const struct import_request *rq, struct source *o);
void import_done(struct import *m);

/* Unpack the image that was loaded: the whole tree, below the folder m->staging, which was made. */
int import_tree(struct import *m, struct err *e);

/*
 * Find the image that was loaded in the store, or unpack it into it, and let it have its names.
 * locked: nobody else does that with this source.  Returns 0, or -1 with e; m->image.id and
 * m->stored are known then.
 */
int import_image(struct import *m, struct store *s, bool locked, struct err *e);

#endif
