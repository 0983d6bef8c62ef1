/*
 * init: pid 1 of the sandbox.
 */
#ifndef RUNTIME_INIT_H
#define RUNTIME_INIT_H

#include "plan/plan.h"
#include "runtime/host.h"
#include "runtime/sig.h"

struct init {
	const struct plan *p;
	const struct sig *sig;
	const struct host *host;
	int err_in;  /* the runner's end of the pipe, to be closed here */
	int err_out; /* takes one struct err from here or the payload; end of file means that the
			command runs */
	int stopped; /* eventfd(2): counts how often the payload was stopped */
};

/*
 * In the first process of the new pid namespace: build the root, start the payload, then reap
 * whatever ends and forward signals until the payload ends, and end with its status.  When this
 * process ends, the kernel kills the rest.
 */
_Noreturn void init_main(const struct init *i);

#endif
