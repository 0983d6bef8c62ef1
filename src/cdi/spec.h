/*
 * spec: one CDI specification.
 */
#pragma once

#include "util/json.h"

struct cdi_spec {
	char *path;
	json *tree;	   /* checked: each member is known, of its type, and there if it must be */
	const char *kind;  /* VENDOR/CLASS; the tree's */
	const json *edits; /* once for all devices; the tree's, or NULL */
	struct cdi_spec *next; /* of cdi.c: a list, and whether the edits have been used */
	bool used;
};

/* Read the file; its name ends in .json or .yaml.  Returns 0, or -1 with e; cdi_spec_done in both cases. */
int cdi_spec_read(struct cdi_spec *s, const char *path, struct err *e);

void cdi_spec_done(struct cdi_spec *s);

/* The same for a text; for the tests. */
int cdi_spec_parse(struct cdi_spec *s, const char *text, size_t len, bool yaml, struct err *e);
