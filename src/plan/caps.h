/*
 * caps: which capabilities a run keeps.
 */
#pragma once

#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * Fill p->caps from Docker's default set, --cap-add and --cap-drop, by Docker's rules: after
 * --cap-add ALL only --cap-drop by name takes away; after --cap-drop ALL only --cap-add by name gives;
 * otherwise --cap-add wins.  Returns 0, or -1 with e for an unknown name.
 */
int caps_plan(struct plan *p, const struct run_options *o, struct err *e);

/* Are all names in --cap-add and --cap-drop known?  Returns 0, or -1 with e. */
int caps_check(const struct run_options *o, struct err *e);

/* Fill the effective and the permitted set for p->uid: root holds the bounding set, others nothing. */
void caps_hold(struct plan *p);
