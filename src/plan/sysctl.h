/*
 * sysctl: --sysctl, kernel parameters that a namespace of the run has for itself.
 */
#pragma once

#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/* Fill p->sysctls.  Returns 0, or -1 with e for a text or a parameter that is not supported. */
int sysctl_read(struct plan *p, const struct run_options *o, struct err *e);

/* The first of p->sysctls that no namespace of the run has for itself, or NULL. */
const struct plan_pair *sysctl_foreign(const struct plan *p);
