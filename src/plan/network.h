/*
 * network: which network a run sees, and which of its ports are seen.
 */
#ifndef PLAN_NETWORK_H
#define PLAN_NETWORK_H

#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/* The address at which a private network answers questions for names: link-local, RFC 3927. */
#define NETWORK_DNS "169.254.1.1"

/* Fill p->namespaces, p->network and p->ports from --network and --publish.  Returns 0, or -1 with
 * e. */
int network_plan(struct plan *p, const struct run_options *o, struct err *e);

#endif
