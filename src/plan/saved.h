/*
 * saved: what a later process of the same run needs of its plan, as JSON.
 */
#ifndef PLAN_SAVED_H
#define PLAN_SAVED_H

#include "plan/plan.h"
#include "util/err.h"

struct json_t;

/* The environment, working directory, ids and confinement of p; the caller releases it. */
struct json_t *plan_save(const struct plan *p);

/* The other way round; p has no arguments and no mounts.  Returns 0, or -1 with e; plan_done in
 * both cases. */
int plan_load(struct plan *p, const struct json_t *saved, struct err *e);

#endif
