/*
 * layer: an image's tree as one layer again.
 */
#ifndef STORE_SAVE_LAYER_H
#define STORE_SAVE_LAYER_H

#include "store/save_tar.h"
#include "store/stored_image.h"

/*
 * Write the tree as a tar, always the same bytes for the same tree: the order of walk.h, owners and
 * devices as recorded, no access times.  Sockets are left out.  Returns 0, or -1 with e.
 */
int save_layer_write(const struct stored_image *i, struct save_tar *t, struct err *e);

#endif
