/*
 * parents: the directories of an image in which mount targets have to be made.
 * By identity, not by name: names may lead through the image's links.
 */
#ifndef RUNTIME_PARENTS_H
#define RUNTIME_PARENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "plan/plan.h"
#include "util/err.h"

#define PARENTS_MAX 512	     /* mount targets times their depth */
#define PARENTS_DEPTH_MAX 64 /* levels that are descended into */

/* The root itself is left out: it can always be written to. */
struct parents {
	size_t n;
	struct {
		dev_t dev;
		ino_t ino;
	} dirs[PARENTS_MAX];
};

/*
 * Find for each mount of p, and for its working directory, whether image (O_PATH) has a target that
 * will do; where not, note the deepest directory that there is on the way to it, and all above
 * that. Returns 0, or -1 with e.
 */
int parents_find(struct parents *s, const struct plan *p, int image, struct err *e);

/* Note one more directory, and all above it, where the image has it.  Returns 0, or -1 with e. */
int parents_add(struct parents *s, int image, const char *path, struct err *e);

bool parents_has(const struct parents *s, const struct stat *st);

/*
 * Make in directory to what was noted of directory from, and so on below it, with the same modes,
 * where it is not there (what an earlier run has put in a place stays). Returns 0, or -1 with e.
 */
int parents_make(const struct parents *s, int from, int to, struct err *e);

#endif
