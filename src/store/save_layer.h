/*
 * save_layer: writes the tree of an image as one layer.
 */
#pragma once

#include "store/save_tar.h"
#include "store/stored_image.h"

/*
 * Write the tree as a tar.  The same tree always gives the same bytes: entries in the order of
 * util/tree.h, owners and devices as recorded, no access times.  Sockets are left out.  real: the
 * files have their owners.  Returns 0, or -1 with e.
 */
int save_layer_write(const struct stored_image *i, bool real, struct save_tar *t, struct err *e);

/* The same for the entry name of dir and what is below it, with the owners that the files have.  It
 * is called as in the tar.  *ret_sockets gets how many sockets were left out. */
int save_layer_part(int dir, const char *name, const char *as, struct save_tar *t,
	size_t *ret_sockets, struct err *e);
