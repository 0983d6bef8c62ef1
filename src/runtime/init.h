/*
 * init: pid 1 of the sandbox.
 */
#ifndef RUNTIME_INIT_H
#define RUNTIME_INIT_H

#include <stdint.h>

#include "plan/resources.h"
#include "root/host.h"
#include "runtime/payload.h"

#define INIT_STOP 1u
#define INIT_SIGNAL (UINT64_C(1) << 32)

struct init {
	struct payload pay; /* all but tty is set; err_out takes a struct err from here, too */
	const struct run_resources *res;
	const struct host *host;
	int err_in;  /* the runner's end of the pipe, to be closed here */
	int tty_out; /* where the master of the terminal goes, where the plan wants one */
	int stopped; /* eventfd(2), or -1: counts how often the payload was stopped, by INIT_STOP, and
			in the end has the number of the signal that ended it times INIT_SIGNAL */
};

/*
 * In the first process of the new pid namespace: build the root, start the payload, then reap
 * whatever ends and forward signals until the payload ends, and end with its status.  When this
 * process ends, the kernel kills the rest.
 */
_Noreturn void init_main(struct init *i);

#endif
