/*
 * network: a private network with a way out, by pasta(1) of the package passt.
 *
 * pasta must be started in the host's namespaces and look into the sandbox's.  So a process stays
 * behind that starts it, and that ends it as soon as the runner is gone, however it went.
 */
#ifndef RUNTIME_NETWORK_H
#define RUNTIME_NETWORK_H

#include "kernel/outsider.h"
#include "plan/plan.h"
#include "util/err.h"

/* Before unshare(2): start the outsider, which lets the ports in.  Returns 0, or -1 with e;
 * outsider_done in both cases. */
int network_start(struct outsider *a, const struct plan_port *ports, size_t n, struct err *e);

/* After it, with the id maps written: this process's network is connected when it returns 0; -1
 * with e.  Does nothing where none was started. */
int network_connect(struct outsider *a, struct err *e);

#endif
