/*
 * oci: an image by its OCI manifest.
 */
#pragma once

#include "image/candidates.h"

/* Load the chosen one; img->kind says how the container calls its blobs.  Returns 0, or -1 with e. */
int oci_load(struct image *img, struct container *c, const struct candidate *chosen, struct err *e);
