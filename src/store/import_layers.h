/*
 * import_layers: the layers of an image become its tree.
 */
#pragma once

#include "image/container.h"
#include "image/image.h"
#include "unpack/unpack.h"

/*
 * Unpack all layers of i, whose blobs are in c: one for each processor at a time, but at most
 * IMPORT_LAYERS_AT_ONCE.  Checks the digests of blob and tar.  Returns 0, or -1 with e.
 */
int import_layers_unpack(
	struct unpack *u, const struct image *i, struct container *c, struct err *e);

/* Each layer takes 6 MiB of memory to read ahead, 2 MiB for files that wait to be written, and what
 * its decompressor needs (see --decoder-memory). */
#define IMPORT_LAYERS_AT_ONCE 4
