/*
 * index: index.json of an OCI layout and the indexes within it, and the descriptors they are made
 * of; for dir: the same of its manifest.json.
 */
#pragma once

#include <stdint.h>

#include "image/candidates.h"

/* What a descriptor says; members of the wrong type are errors. */
struct descriptor {
	char *media_type;
	const char *hex;
	int64_t size;
	char *name, *ref; /* by its annotations: the full name, and as much as the tool was told */
	bool attestation;
	struct platform platform;
};

/* hex is borrowed from what a holds.  Returns 0, or -1 with e. */
int index_descriptor(json *j, struct arena *a, struct descriptor *d, struct err *e);

/* The member's name of a blob. */
char *index_blob(struct arena *a, enum image_kind kind, const char *hex);

/* A document named by a descriptor, its size and digest checked; NULL with e. */
char *index_document(struct container *c, struct arena *a, const char *name, const char *hex,
	int64_t size, size_t *ret_len, struct err *e);

/* Add all manifests.  Returns 0, or -1 with e. */
int index_gather(struct candidates *l, struct err *e);
