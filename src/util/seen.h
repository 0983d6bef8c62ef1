/*
 * seen: files of several names, as a walk meets them.
 */
#ifndef UTIL_SEEN_H
#define UTIL_SEEN_H

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

/* The path that the file was met under first; NULL where this is the first time, or where it has no
 * other name. */
const char *seen_before(struct seen *s, const struct stat *st, const char *path);

void seen_done(struct seen *s);

#endif
