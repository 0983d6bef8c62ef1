/*
 * upper: the directory that takes what a run writes, where that is not memory: --scratch,
 * --writable, and unasked where the kernel's memory would not do.
 */
#ifndef LAUNCH_UPPER_DIR_H
#define LAUNCH_UPPER_DIR_H

#include <stdbool.h>
#include <sys/types.h>

#include "plan/plan.h"
#include "plan/resources.h"
#include "store/staging.h"
#include "store/writable.h"

struct upper_dir {
	struct writable writable;
	struct staging scratch;
	int parent;	/* of the scratch folder */
	char *path;	/* of the scratch folder */
	pid_t janitor;	/* removes the scratch folder, whatever becomes of this process; 0: none */
	int janitor_in; /* it begins when this is closed */
};

/*
 * Make it where p asks for one or memory will not do, and name it in res, which lives no longer
 * than u; store is what --store says, id the image's.  Returns 0, or -1 with e; upper_dir_close in
 * both cases.
 */
int upper_dir_open(struct upper_dir *u, const char *store, struct store *s, const char *id,
	const struct plan *p, struct run_resources *res, struct err *e);

/* Scratch is gone when this returns. */
void upper_dir_close(struct upper_dir *u);

/* Will memory do for what p's run writes, or does this kernel lack something there?  Where it does,
 * this is where it goes instead: store, if it is on a local disk, or a folder for temporary files;
 * NULL: there is none. */
bool upper_dir_memory_will_do(const struct plan *p);
const char *upper_dir_find_disk(const char *store);

#endif
