/*
 * mounts: the list of mounts of a plan, in the order of the mounting.
 */
#ifndef PLAN_MOUNTS_H
#define PLAN_MOUNTS_H

#include "image/config.h"
#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * Fill p->mounts: the defaults, the generated files of /etc, then volumes and tmpfs, those nearer
 * to the root first. A volume over a default mount or a generated file takes its place. Needs
 * p->hostname, p->network and p->root_mode.  Returns 0, or -1 with e.
 */
int mounts_plan(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct err *e);

#endif
