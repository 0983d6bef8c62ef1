/*
 * make: plans from what users say.
 */
#ifndef PLAN_MAKE_H
#define PLAN_MAKE_H

#include "image/config.h"
#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * The plan of a run.  Returns 0, or -1 with e (status set where it is not 125); plan_done in both
 * cases.
 */
int plan_make(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct err *e);

/*
 * The plan of one more process in the sandbox of the plan run, from which it borrows.  Of h only the
 * terminal's type and the texts of passwd and group are looked at.  Returns 0, or -1 with e;
 * plan_done in both cases.
 */
int plan_make_exec(struct plan *p, const struct plan *run, const struct exec_options *o,
	const struct host_facts *h, struct err *e);

#endif
