/*
 * network: the network of a run, and its ports that are reachable from outside.
 */
#pragma once

#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/* The name server of a private network: a link-local address, RFC 3927. */
#define NETWORK_DNS "169.254.1.1"

/* Fill p->network and p->ports from --network and --publish.  Returns 0, or -1 with e. */
int network_read(struct plan *p, const struct run_options *o, struct err *e);

/* Fill p->namespaces; needs p->network.  Returns 0, or -1 with e for options that do not go together. */
int network_plan(
	struct plan *p, const struct run_options *o, const struct host_facts *h, struct err *e);
