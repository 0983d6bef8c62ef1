/*
 * newidmap: writes the maps of a user namespace with more ids than the caller's own.
 *
 * newuidmap(1) and newgidmap(1) need rights in the namespace outside, which the runner has left
 * when there is a map to write.  So an outsider starts them.
 */
#pragma once

#include "kernel/id_map.h"
#include "kernel/outsider.h"
#include "util/err.h"

/*
 * Before unshare(2): start the outsider.  proc is a descriptor of a procfs.  Returns 0, or -1 with
 * e; outsider_done in both cases.
 */
int newidmap_start(struct outsider *a, int proc, struct id_maps maps, struct err *e);

/* After it: have the maps written for the calling process; the outsider ends.  Returns 0, or -1
 * with e. */
int newidmap_write(struct outsider *a, struct err *e);
