/*
 * index: index.json of an OCI layout, and the indexes within it: which manifests there are.  Within
 * image/; others have image.h.
 */
#ifndef IMAGE_INDEX_H
#define IMAGE_INDEX_H

#include "image/image.h"
#include "image/platform.h"
#include "util/json.h"

/* One manifest that an index names. */
struct candidate {
	char *hex;	/* digest of the manifest */
	char *names[2]; /* full name and tag, NULL where the index states none */
	struct platform platform;
	bool present; /* its blob is in the container */
};

struct candidates {
	struct arena *arena;
	struct container *container;
	struct candidate *v;
	size_t n, room;
	size_t n_indexes; /* nested ones that were read: a few that name each other often would
			     never end */
};

/* What a descriptor says; members of the wrong type are errors. */
struct descriptor {
	char *media_type;
	const char *hex;
	int64_t size;
	char *names[2];
	bool attestation;
	struct platform platform;
};

/* hex is borrowed from what a holds.  Returns 0, or -1 with e. */
int descriptor_parse(json *j, struct arena *a, struct descriptor *d, struct err *e);

/* The member's name of a blob. */
char *index_blob(struct arena *a, const char *hex);

/* A document named by a descriptor, its size and digest checked; NULL with e. */
char *index_document(struct container *c, struct arena *a, const char *hex, int64_t size,
	size_t *ret_len, struct err *e);

/* Gather all manifests; l has its arena and container.  Returns 0, or -1 with e. */
int index_load(struct candidates *l, struct err *e);

/* Best candidate for the name and platform: NULL with e where none or several fit. */
struct candidate *index_choose(
	struct candidates *l, const struct image_choice *choice, struct err *e);

#endif
