/*
 * upper_dir: the directory on disk for what a run writes: for --scratch, --writable, and if the
 * kernel's tmpfs is not suitable.
 */
#pragma once

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
	pid_t janitor;	/* removes the scratch folder after any end of this process; 0: none */
	int janitor_in; /* the janitor starts when this is closed */
};

/*
 * Make it if p asks for one or memory is not suitable, and set its path in res, which is valid
 * until upper_dir_close.  store is the value of --store, id the image's.  Returns 0, or -1 with e;
 * upper_dir_close in both cases.
 */
int upper_dir_open(struct upper_dir *u, const char *store, struct store *s, const char *id,
	const struct plan *p, struct run_resources *res, struct err *e);

/* Returns when the scratch folder is removed. */
void upper_dir_close(struct upper_dir *u);

/* Is this kernel's tmpfs suitable for the writes of p's run? */
bool upper_dir_memory_will_do(const struct plan *p);

/* If not, where they go: store, if it is on a local disk, or a folder for temporary files; or
 * NULL. */
const char *upper_dir_find_disk(const char *store);
