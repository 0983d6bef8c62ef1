/*
 * remove: takes an image out of the store, unless it is in use.
 *
 * A process that uses an image shares the lock of its folder, see stored_image.h.  The one that
 * removes it has that lock for itself from removal_begin to removal_done: what it checks in between
 * stays so.
 */
#pragma once

#include <time.h>

#include "store/store.h"

struct removal {
	struct store *store;
	char id[DIGEST_HEX + 1];
	int dir, lock;
	struct timespec used; /* when a run or a new name used it last */
};

/*
 * Take the image for removal.  unasked: the user did not name it; without working locks, keep one
 * that was used in the last minutes.  Returns 0, or -1 with e (EBUSY: it is in use; ENOENT: there is
 * none); removal_done in both cases.
 */
int removal_begin(struct removal *r, struct store *s, const char *id, bool unasked, struct err *e);

/* Remove it with its names.  Returns 0, or -1 with e. */
int removal_finish(struct removal *r, struct err *e);
void removal_done(struct removal *r);

/*
 * Remove what the names stand for, NULL-terminated.  A name removes only itself, unless it is the
 * last one of its image; an id, or the first digits of one, removes the image with all its names.  If
 * one stands for no image, nothing is removed.  Returns 0, or -1 with e.
 */
int remove_named(struct store *s, char *const *names, struct err *e);
