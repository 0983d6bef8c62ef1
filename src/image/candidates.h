/* candidates: the images in a container, and the choice among them. */
#pragma once

#include "image/container.h"
#include "image/image.h"
#include "image/platform.h"
#include "util/json.h"

struct candidate {
	struct strv names; /* full names, as the container states them */
	const char *tag;   /* a bare tag, which is not a name on its own; may be NULL */
	const char *
		key; /* candidates with the same key are one image: digest of the manifest, or name of the config */
	const char *manifest; /* the member with the manifest ... */
	json *entry;	      /* ... or the entry of manifest.json */
	struct platform platform;
	bool present;  /* its manifest is in the container */
	bool artifact; /* a signature, an SBOM, a chart ...: chosen only if there is no image */
};

struct candidates {
	struct arena *arena;
	struct container *container;
	enum image_kind kind;
	json *doc; /* owns the entries; freed by candidates_done */
	struct candidate *v;
	size_t n;
	size_t n_indexes; /* nested indexes read: a few that name each other often would take forever */
};

/* Returns 0, or -1 with e if there are too many. */
int candidates_add(struct candidates *l, const struct candidate *c, struct err *e);

/*
 * The best one for the name and platform of choice.  NULL with e, which lists all, if none or
 * several fit.
 */
const struct candidate *candidates_choose(
	const struct candidates *l, const struct image_choice *choice, struct err *e);

/* All names of an image, from all its candidates; in a's memory. */
void candidates_names(
	const struct candidates *l, const struct candidate *c, struct arena *a, struct strv *ret);

/* For each image that suits the platform of choice, a name to choose it by; in a's memory. */
void candidates_all(const struct candidates *l, const struct image_choice *choice, struct arena *a,
	struct strv *ret);

void candidates_done(struct candidates *l);
