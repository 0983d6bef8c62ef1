/*
 * remove: taking an image, or one of its names, away, unless it is in use.
 */
#ifndef STORE_REMOVE_H
#define STORE_REMOVE_H

#include "store/store.h"

enum {
	REMOVE_LOOK = 1,    /* do not remove it, only tell whether that could be done */
	REMOVE_UNASKED = 2, /* nobody named this very image: where locks do not work, one that was
			       used just now stays, too */
};

/*
 * One name or, given an id or its start or the last name, the image with all its names.  Returns 0,
 * or -1 with e.
 */
int remove_named(struct store *s, const char *name, struct err *e);

/* The image with its names.  Returns 0, or -1 with e (EBUSY: it is in use). */
int remove_image(struct store *s, const char *id, int flags, struct err *e);

#endif
