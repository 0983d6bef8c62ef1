/*
 * candidates: the images that a container holds, and which of them is meant.
 */
#pragma once

#include "image/container.h"
#include "image/image.h"
#include "image/platform.h"
#include "util/json.h"

struct candidate {
	struct strv names; /* full ones, as the container states them */
	const char *tag;   /* a bare tag, which is no name on its own; NULL: none */
	const char *
		key; /* equal keys, the same image: digest of the manifest, or name of the config */
	const char *manifest; /* the member, where it is a document of its own ... */
	json *entry;	      /* ... or the entry of manifest.json */
	struct platform platform;
	bool present; /* its manifest is in the container */
};

struct candidates {
	struct arena *arena;
	struct container *container;
	enum image_kind kind;
	json *doc; /* what the entries are borrowed from; candidates_done frees it */
	struct candidate *v;
	size_t n;
	size_t n_indexes; /* nested ones that were read: a few that name each other often would
			     never end */
};

/* Returns 0, or -1 with e where there are too many. */
int candidates_add(struct candidates *l, const struct candidate *c, struct err *e);

/* The best for the name and the platform of choice.  NULL with e, which lists all, where none or
 * several fit. */
const struct candidate *candidates_choose(
	const struct candidates *l, const struct image_choice *choice, struct err *e);

/* All names of an image, of whichever candidates; in a's memory. */
void candidates_names(
	const struct candidates *l, const struct candidate *c, struct arena *a, struct strv *ret);

/* What choice->name has to be for each image that suits the platform of choice; in a's memory. */
void candidates_all(const struct candidates *l, const struct image_choice *choice, struct arena *a,
	struct strv *ret);

void candidates_done(struct candidates *l);
