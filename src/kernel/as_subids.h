/* as_subids: work on files of subordinate ids, which needs a user namespace that has them. */
#pragma once

#include "kernel/id_map.h"
#include "util/err.h"

/*
 * Call fn in a process of its own that is root in a user namespace with the maps, which newuidmap(1)
 * and newgidmap(1) write; without maps, in one as as_subids_root makes it.  fn sets e where it fails, and leaves it alone otherwise.  Returns 0, or -1
 * with e.
 */
int as_subids_run(
	struct id_maps maps, int (*fn)(void *arg, struct err *e), void *arg, struct err *e);

/*
 * From here on the caller, unless it is root, is root in a user namespace of its own, to read files
 * of its own that it forbids itself to read.  Where the kernel refuses the namespace, nothing
 * changes.
 */
void as_subids_root(void);
