/*
 * network: a private network with a way out, by pasta(1) of the package passt.
 *
 * pasta has to start in the host's namespaces and enter the sandbox's.  So an outsider starts it,
 * and ends it as soon as the runner is gone, however that went.
 */
#pragma once

#include "kernel/outsider.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * Before unshare(2): start the outsider.  It forwards the ports, which
 * are as in a plan.  Returns 0, or -1 with e;
 * outsider_done in both cases.
 */
int network_start(struct outsider *a, const char *ports, struct err *e);

/*
 * After it, with the id maps written: connect this process's network, if an outsider was started.
 * Returns 0, or -1 with e.
 */
int network_connect(struct outsider *a, struct err *e);
