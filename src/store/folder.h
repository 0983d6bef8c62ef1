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
 * The same with the tree of an image in the store.  The caller blocks the signals that would end it.
 * as_root is called when the place of dir is known to be the caller's to write, and makes the caller
 * root of a user namespace, as for save.h.  Returns 0, or -1 with e.
 */
int folder_copy(
	const struct stored_image *i, const char *dir, void (*as_root)(void), struct err *e);

/*
 * Unpack rq's tar, whatever is in it, and call fn with the folder that has rootfs/ and its record of
 * owners (owners.h) below parent, a store's staging/.  Returns what fn returned, or -1 with e.
 */
int folder_of_tar(const struct import_request *rq, int parent,
	int (*fn)(int dir, void *arg, struct err *e), void *arg, struct err *e);
