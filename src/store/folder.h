/*
 * folder: a source, or an image in the store, becomes a plain folder, for `sandbox unpack`.
 */
#pragma once

#include "store/import_request.h"
#include "store/stored_image.h"

/*
 * Unpack the root file system of rq's image into dir, which must be missing or empty.  Takes any
 * tar.  Returns 0, or -1 with e.
 */
int folder_unpack(const struct import_request *rq, const char *dir, struct unpack_stats *ret_stats,
	struct err *e);

/*
 * The same with the tree of an image in the store.  The caller blocks the signals that would end it,
 * and is root of a user namespace, as for save.h.  Returns 0, or -1 with e.
 */
int folder_copy(const struct stored_image *i, const char *dir, struct err *e);
