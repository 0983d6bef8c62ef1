/* ref: names of images in Docker's form: [HOST/]PATH[:TAG][@sha256:HEX]. */
#pragma once

#include <stdbool.h>

#include "util/arena.h"
#include "util/err.h"

#define REF_MAX 512 /* bytes of a name */

/*
 * The short, unambiguous form that names are stored and compared in: without Docker's default
 * registry and its "library/", and with ":latest" if there is neither tag nor digest.  In a's
 * memory; NULL with e if text is not a name.
 */
char *ref_normalise(struct arena *a, const char *text, struct err *e);

/* Do both name the same image?  A text that is not a name matches nothing. */
bool ref_same(const char *x, const char *y);

/*
 * Is text, a name without a host, the end of full: "two:1" or "a/two:1" of "localhost/a/two:1"?
 * The tag counts, and is "latest" by default.  A caller tries ref_same first, and takes a short
 * name only if it matches a single image.
 */
bool ref_matches_short(const char *full, const char *text);
