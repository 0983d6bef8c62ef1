/*
 * layers: those of an image become its tree.
 */
#ifndef STORE_IMPORT_LAYERS_H
#define STORE_IMPORT_LAYERS_H

#include "image/container.h"
#include "image/image.h"
#include "unpack/unpack.h"

/*
 * Unpack all layers of i, whose blobs are in c; several at once, as many as there are processors,
 * but at most IMPORT_LAYERS_AT_ONCE.  Blob and tar must have the digests that the image states.
 * Returns 0, or -1 with e.
 */
int import_layers_unpack(
	struct unpack *u, const struct image *i, struct container *c, struct err *e);

/* Memory: each takes 6 MiB that are read ahead, 2 MiB of files that wait to be written, and what
 * its decompressor needs (see --decoder-memory). */
#define IMPORT_LAYERS_AT_ONCE 4

#endif
