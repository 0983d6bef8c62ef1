/*
 * verify: compares the tree of an image with what was unpacked.
 */
#pragma once

#include "store/stored_image.h"

struct verify_stats {
	uint64_t entries, bytes; /* entries compared, bytes read */
	uint64_t differ;
};

/*
 * Compare the image's tree with its record.  Calls report for each entry that is "missing", "extra"
 * or "changed", with its path (which may hold any bytes) and what is wrong.  The caller should be
 * root of a user namespace: the modes of some files may forbid their owner to read them.  Returns 0
 * if all was compared, or -1 with e.
 */
int verify_stored(const struct stored_image *i,
	void (*report)(const char *how, const char *path, const char *what),
	struct verify_stats *ret, struct err *e);
