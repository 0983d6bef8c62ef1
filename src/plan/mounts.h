/*
 * mounts: the files and mounts of a plan, in the order in which they are mounted.
 */
#pragma once

#include "image/config.h"
#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/* Check each value by itself of the options that mount something.  Returns 0, or -1 with e. */
int mounts_check(const struct run_options *o, struct err *e);

/*
 * Fill p->files with the generated files, and p->mounts with the defaults, then volumes and tmpfs,
 * those nearer to the root first.  A volume that covers a default mount or a file replaces it.  Needs
 * p->hostname, p->network, p->read_only and the ids.  Returns 0, or -1 with e.
 */
int mounts_plan(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct err *e);
