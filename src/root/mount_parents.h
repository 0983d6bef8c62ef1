/*
 * mount_parents: the directories of an image in which mount targets have to be made.
 * They are known by identity, not by name: names may lead through the image's links.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "plan/plan.h"
#include "util/err.h"

#define MOUNT_PARENTS_MAX 512	   /* mount targets times their depth */
#define MOUNT_PARENTS_DEPTH_MAX 64 /* levels that are entered */
#define MOUNT_PARENTS_LINKS_MAX 40 /* links followed one after the other, as by the kernel */

/* The root itself is not noted: it is always writable. */
struct mount_parents {
	size_t n;
	struct {
		dev_t dev;
		ino_t ino;
	} dirs[MOUNT_PARENTS_MAX];
};

/*
 * For each mount of p, and for its working directory: look whether image (O_PATH) has a suitable
 * target.  If not, note the deepest directory on the way to it that exists, and all above that.
 * Returns 0, or -1 with e.
 */
int mount_parents_find(struct mount_parents *s, const struct plan *p, int image, struct err *e);

/*
 * Note one more directory of the image, if it exists, and all above it.  Returns 0, or -1 with e.
 */
int mount_parents_add(struct mount_parents *s, int image, const char *path, struct err *e);

bool mount_parents_has(const struct mount_parents *s, const struct stat *st);

/*
 * Make the noted directories of from in to, at every level and with the same modes.  Those that an
 * earlier run has made stay.  Returns 0, or -1 with e.
 */
int mount_parents_make(const struct mount_parents *s, int from, int to, struct err *e);
