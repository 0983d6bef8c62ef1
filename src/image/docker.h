/* docker: images in the format of `docker save`. */
#pragma once

#include "image/candidates.h"

/* Add the entries of manifest.json.  Returns 0, or -1 with e. */
int docker_gather(struct candidates *l, struct err *e);

/* Load the chosen one.  Returns 0, or -1 with e. */
int docker_load(
	struct image *img, struct container *c, const struct candidate *chosen, struct err *e);
