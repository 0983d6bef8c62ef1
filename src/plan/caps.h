/*
 * caps: which capabilities a run keeps.
 */
#ifndef PLAN_CAPS_H
#define PLAN_CAPS_H

#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * Fill p->caps from Docker's default set, --cap-add and --cap-drop, by Docker's rules: ALL that is
 * added leaves only what is dropped by name, ALL that is dropped leaves only what is added by name,
 * and else what is added wins.  Returns 0, or -1 with e for a name that is none.
 */
int caps_plan(struct plan *p, const struct run_options *o, struct err *e);

/* Of the bounding set only root holds any: fill the effective and the permitted set for p->uid. */
void caps_hold(struct plan *p);

#endif
