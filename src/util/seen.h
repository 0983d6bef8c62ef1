/*
 * seen: remembers files with several names during a walk.
 */
#pragma once

#include <sys/stat.h>

#include "util/arena.h"
#include "util/table.h"

/* Zero-initialise before first use. */
struct seen {
	struct table table; /* by device and inode */
	struct seen_file *files;
	size_t n;
	struct arena arena;
};

/* The path of the file when it was first seen; NULL: it is seen for the first time, or has one name
 * only. */
const char *seen_before(struct seen *s, const struct stat *st, const char *path);

void seen_done(struct seen *s);
