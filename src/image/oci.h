/* oci: an image with an OCI or Docker v2 manifest. */
#pragma once

#include "image/candidates.h"

/* Load the chosen one; img->kind decides the names of blobs.  Returns 0, or -1 with e. */
int oci_load(struct image *img, struct container *c, const struct candidate *chosen, struct err *e);
