/*
 * index: index.json of an OCI layout with the indexes inside it, or manifest.json of dir:; and the
 * descriptors in them.
 */
#pragma once

#include <stdint.h>

#include "image/candidates.h"

/* The contents of a descriptor.  A member of the wrong type is an error, if it is used. */
struct descriptor {
	char *media_type;
	const char *hex;
	int64_t size;
	/* Of a manifest in an index: */
	char *name, *ref; /* from annotations: the full name, and the name as the tool got it */
	bool attestation;
	bool artifact; /* it states an artifactType that is not that of an image */
	struct platform platform;
};

/* The first three; hex points into a's memory.  Returns 0, or -1 with e. */
int index_descriptor(json *j, struct arena *a, struct descriptor *d, struct err *e);

/* Is t, the type of a config, that of an image?  NULL and "" are. */
bool index_is_config_type(const char *t);

/* The name of the member with a blob. */
char *index_blob(struct arena *a, enum image_kind kind, const char *hex);

/* A document that a descriptor names, with its size and digest checked; NULL with e. */
char *index_document(struct container *c, struct arena *a, const char *name, const char *hex,
	int64_t size, size_t *ret_len, struct err *e);

/* Add all manifests.  Returns 0, or -1 with e. */
int index_gather(struct candidates *l, struct err *e);
