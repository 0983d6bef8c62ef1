/*
 * mount_parents: the directories of an image in which mount targets have to be made.
 * By identity, not by name: names may lead through the image's links.
 */
#ifndef ROOT_MOUNT_PARENTS_H
#define ROOT_MOUNT_PARENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "plan/plan.h"
#include "util/err.h"

#define MOUNT_PARENTS_MAX 512	   /* mount targets times their depth */
#define MOUNT_PARENTS_DEPTH_MAX 64 /* levels that are descended into */

/* The root itself is left out: it can always be written to. */
struct mount_parents {
	size_t n;
	struct {
		dev_t dev;
		ino_t ino;
	} dirs[MOUNT_PARENTS_MAX];
};

/*
 * Find for each mount of p, and for its working directory, whether image (O_PATH) has a target that
 * will do; where not, note the deepest directory that there is on the way to it, and all above
 * that. Returns 0, or -1 with e.
 */
int mount_parents_find(struct mount_parents *s, const struct plan *p, int image, struct err *e);

/* Note one more directory, and all above it, where the image has it.  Returns 0, or -1 with e. */
int mount_parents_add(struct mount_parents *s, int image, const char *path, struct err *e);

bool mount_parents_has(const struct mount_parents *s, const struct stat *st);

/*
 * Make in directory to what was noted of directory from, and so on below it, with the same modes,
 * where it is not there (what an earlier run has put in a place stays). Returns 0, or -1 with e.
 */
int mount_parents_make(const struct mount_parents *s, int from, int to, struct err *e);

#endif
