/*
 * listed_image: all images that there are.
 */
#ifndef STORE_LISTED_IMAGE_H
#define STORE_LISTED_IMAGE_H

#include "store/record.h"
#include "store/store.h"

/* Valid as long as the call that hands it out. */
struct listed_image {
	const struct store *store;
	const struct record *record;
	int dir;
	char *const *names; /* normalised, NULL-terminated, perhaps none; NULL: none */
	int64_t used;	    /* when a run began, to the minute; seconds since 1970 */
};

/* Calls fn for each image of s and of the others; stops where it returns other than 0, and returns
 * that.  -1 with e. */
int listed_image_each(struct store *s, int (*fn)(const struct listed_image *i, void *arg),
	void *arg, struct err *e);

/* When the image in folder dir was made, by its config, in a malloc'd string; NULL where that does
 * not say. */
char *listed_image_created(int dir);

#endif
