/*
 * load: imports every image of a source.
 */
#pragma once

#include "store/import_request.h"
#include "store/store.h"

/*
 * Import every image of rq's source that suits rq's platform, or the one that rq names.  Calls fn
 * with the id and the names (as in listed_image) of each.  Returns 0, or -1 with e; images that were
 * imported before the error stay.
 */
int load_images(struct store *s, const struct import_request *rq,
	void (*fn)(const char *id, char *const *names), struct err *e);
