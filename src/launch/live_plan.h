/*
 * live_plan: the plan of a live run, and its namespaces, for one more process.
 */
#pragma once

#include "plan/plan.h"
#include "runs/live_run.h"
#include "runtime/join.h"

/* Returns 0, or -1 with e; plan_done in both cases. */
int live_plan_read(const struct live_run *r, struct plan *p, struct err *e);

/* The plan and the namespaces.  Returns 0, or -1 with e; plan_done and join_done in both cases. */
int live_plan_join(const struct live_run *r, struct plan *p, struct join *j, struct err *e);
