/*
 * init: pid 1 of the sandbox.
 */
#pragma once

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
	int tty_out; /* a socket that gets the master of the plan's terminal */
	int stopped; /* eventfd(2), or -1: counts by INIT_STOP how often the payload was stopped;
		        in the end the signal that ended the payload is added, times INIT_SIGNAL */
};

/*
 * In the first process of the new pid namespace: build the root, start the payload, reap and
 * forward signals until the payload ends, and end with its status.  When this process ends, the
 * kernel kills the rest.
 */
_Noreturn void init_main(struct init *i);
