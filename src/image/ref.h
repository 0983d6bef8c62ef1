/*
 * ref: names of images, as Docker writes them: [HOST/]PATH[:TAG][@sha256:HEX].
 */
#pragma once

#include <stdbool.h>

#include "util/arena.h"
#include "util/err.h"

#define REF_MAX 512 /* bytes of a name */

/*
 * The short, unambiguous form that names are kept and compared in: Docker's default registry and
 * its "library/" left out, ":latest" added where neither tag nor digest stands.  In a's memory;
 * NULL with e where text is no name.
 */
char *ref_normalise(struct arena *a, const char *text, struct err *e);

/* True where both name the same image.  What is no name matches nothing. */
bool ref_same(const char *x, const char *y);

/*
 * True where text, a name without a host, is the end of full: "two:1" or "a/two:1" of
 * "localhost/a/two:1".  The tag counts, and is "latest" where none is given.  A caller looks for
 * ref_same first, and takes a short name only where it matches a single image.
 */
bool ref_matches_short(const char *full, const char *text);
