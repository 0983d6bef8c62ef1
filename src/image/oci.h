/* oci: an image with an OCI or Docker v2 manifest. */
#pragma once

#include "image/candidates.h"

/*
 * Of several images read what their descriptors do not tell: which are artifacts (a signature, an
 * SBOM, a Helm chart, a WASM module), and for which platform the others are.  A damaged one stays as
 * it is, so that choosing it reports the damage.
 */
void oci_look(struct candidates *l);

/* Load the chosen one; img->kind decides the names of blobs.  Returns 0, or -1 with e. */
int oci_load(struct image *img, struct container *c, const struct candidate *chosen, struct err *e);
