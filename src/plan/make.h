/*
 * make: makes plans of what users ask for.
 */
#pragma once

#include "image/config.h"
#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * Make the plan of a run.  Returns 0, or -1 with e; plan_done in both cases.
 */
int plan_make(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, struct err *e);

/*
 * Check the value of each option by itself, as plan_make() reads it, whatever image, host and other options
 * are.  Returns 0, or -1 with e.
 */
int plan_check(const struct run_options *o, struct err *e);

/*
 * Make the plan of one more process in the sandbox of the plan run, which must live longer.  Uses
 * only the terminal's type and the texts of passwd and group of h.  Returns 0, or -1 with e;
 * plan_done in both cases.
 */
int plan_make_exec(struct plan *p, const struct plan *run, const struct exec_options *o,
	const struct host_facts *h, struct err *e);
