/*
 * security: what --security-opt asks for.
 */
#pragma once

#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/* Check each option by itself.  Returns 0, or -1 with e. */
int security_check(const struct run_options *o, struct err *e);

/*
 * Fill p->seccomp and the masked and read-only paths from the options.  Needs p->caps.  Returns 0, or
 * -1 with e for an option that is not supported.
 */
int security_plan(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e);
