/*
 * layer: an image's tree as one layer again.
 */
#ifndef STORE_LAYER_H
#define STORE_LAYER_H

#include "store/store.h"
#include "store/tar.h"

/*
 * Write the tree as a tar, always the same bytes for the same tree: the order of walk.h, owners and
 * devices as recorded, no access times.  Sockets are left out.  Returns 0, or -1 with e.
 */
int layer_write(const struct stored_image *i, struct tar *t, struct err *e);

#endif
