/* checks: all that `doctor` reports: the steps of a run (probe.h), and what comes before them. */
#pragma once

#include "doctor/probe.h"
#include "store/store.h"

/* These follow the steps. */
enum check {
	CHECK_KERNEL = PROBE_STEPS,
	CHECK_SUBUID,
	CHECK_WRITTEN, /* where writes go */
	CHECK_LANDLOCK,
	CHECK_CDI, /* these four: site.h */
	CHECK_GPUS,
	CHECK_FABRIC, /* a network for MPI */
	CHECK_SLURM,
	CHECK_STORE,
	CHECK_LOCKS,
	CHECK_XATTRS,
	CHECK_EXEC,
	CHECK_COUNT
};

/*
 * Make all checks.  list has CHECK_COUNT entries, in shared memory; s becomes the store that
 * store_look finds for path.  Returns 0 whatever they find, or -1 with e; store_done in both cases.
 */
int checks_make(struct probe *list, struct store *s, const char *path, struct err *e);
