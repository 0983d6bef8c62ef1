/*
 * remove: removes an image, or one of its names, unless it is in use.
 */
#pragma once

#include "store/store.h"

enum {
	REMOVE_LOOK = 1,    /* remove nothing, only check that it is possible */
	REMOVE_UNASKED = 2, /* the user did not name this image: without working locks, keep
			       one that was used in the last minutes */
};

/*
 * Remove one name.  Given an id, the first digits of one, or the last name of an image, remove the
 * image with all its names.  Returns 0, or -1 with e.
 */
int remove_named(struct store *s, const char *name, struct err *e);

/* Remove an image with its names.  Returns 0, or -1 with e (EBUSY: it is in use). */
int remove_image(struct store *s, const char *id, int flags, struct err *e);
