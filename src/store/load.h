/*
 * load: every image of a source.
 */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

#include "store/import_request.h"
#include "store/store.h"

/*
 * Import every image of rq's source; what rq chooses is looked at for its platform only.  Calls fn
 * with the id and the names (as in listed_image) of each.  Returns 0, or -1 with e: those before
 * stay.
 */
int load_images(struct store *s, const struct import_request *rq,
	int (*fn)(const char *id, char *const *names, void *arg, struct err *e), void *arg,
	struct err *e);

#endif
