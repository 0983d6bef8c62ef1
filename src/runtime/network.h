/*
 * network: a private network with a way out, by pasta(1) of the package passt.
 *
 * pasta must be started in the host's namespaces and look into the sandbox's.  So a process stays
 * behind that starts it, and that ends it as soon as the runner is gone, however it went.
 */
#ifndef RUNTIME_NETWORK_H
#define RUNTIME_NETWORK_H

#include <sys/types.h>

#include "plan/plan.h"
#include "util/err.h"

struct network {
	pid_t pid;  /* 0: the plan has no private network */
	int go;	    /* written to once; its end is the end of the network */
	int answer; /* a struct err, with a message where it failed */
};

#define NETWORK_STOPPED ((struct network){ .go = -1, .answer = -1 })

/* Before unshare(2).  Returns 0, or -1 with e; network_done in both cases. */
int network_start(struct network *n, const struct plan *p, struct err *e);

/* After it, with the id maps written: this process's network is connected when it returns 0; -1
 * with e. */
int network_connect(struct network *n, struct err *e);

void network_done(struct network *n);

#endif
