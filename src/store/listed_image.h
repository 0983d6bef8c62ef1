/*
 * listed_image: lists all images.
 */
#pragma once

#include "store/record.h"
#include "store/store.h"

/* Valid during the call that hands it out. */
struct listed_image {
	const struct store *store;
	const struct record *record;
	int dir;
	char *const *names; /* normalised, NULL-terminated; NULL: it has no name */
	int64_t used;	    /* when a run last began, to the minute; seconds since 1970 */
};

/* Call fn for each image of s and of its others, until fn returns other than 0.  Returns what fn
 * returned, or -1 with e. */
int listed_image_each(struct store *s, int (*fn)(const struct listed_image *i, void *arg),
	void *arg, struct err *e);

/* The date of creation in the config of the image in folder dir, in a malloc'd string; NULL if there
 * is none. */
char *listed_image_created(int dir);
