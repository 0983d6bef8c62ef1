/*
 * inspect: what a source holds, without unpacking it.
 */
#pragma once

#include "store/import_request.h"
#include "store/store.h"
#include "unpack/decompress.h"

struct layer_facts {
	int64_t size; /* of the blob */
	enum compression compression;
};

/*
 * Load rq's image without unpacking it; layers are not verified.  *ret_facts gets one element for
 * each layer, in img's arena.  A compressed or piped source is spooled into the store meanwhile.
 * Returns 0, or -1 with e; image_done in both cases.
 */
int inspect_read(struct store *s, const struct import_request *rq, struct image *img,
	struct layer_facts **ret_facts, struct err *e);
