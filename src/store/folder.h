/*
 * folder: a source becomes a plain folder, for `sandbox unpack`.
 */
#pragma once

#include "store/import_request.h"

/*
 * Unpack the root file system of rq's image into dir, which must be missing or empty.  Takes any
 * tar.  Returns 0, or -1 with e.
 */
int folder_unpack(const struct import_request *rq, const char *dir, struct unpack_stats *ret_stats,
	struct err *e);
