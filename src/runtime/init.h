/*
 * init: pid 1 of the sandbox.
 */
#pragma once

#include <stdint.h>

#include "plan/resources.h"
#include "root/host.h"
#include "runtime/payload.h"

struct init {
	struct payload pay; /* all but tty is set; err_out takes a struct err from here, too */
	const struct run_resources *res;
	const struct host *host;
	int err_in, relay_in; /* the runner's ends, to be closed here */
	int tty_out;	      /* a socket that gets the master of the plan's terminal */
	int relay;	      /* see relay.h; -1: there is no runner */
	int door;	      /* see runtime.h */
	bool mixed;
};

/*
 * In the first process of the new pid namespace: build the root, start the payload, reap and
 * forward signals until the payload ends, and end with its status.  When this process ends, the
 * kernel kills the rest.
 */
_Noreturn void init_main(struct init *i);
