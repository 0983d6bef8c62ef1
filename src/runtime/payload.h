/*
 * payload: the last steps of a process before it becomes the command.
 */
#pragma once

#include <stdbool.h>

#include "kernel/sig.h"
#include "plan/plan.h"
#include "util/err.h"

struct payload {
	const struct plan *p;
	const struct sig *sig;
	int proc;    /* see host.h */
	int err_out; /* takes a struct err, an empty one in front of the gate; the exec closes it */
	int tty;     /* the inner side of its own terminal; -1: none */
	int asks;    /* takes the listener of the filter; -1: it needs none */
	int gate;    /* see runtime.h; -1: none */
	bool outlive; /* see runtime.h: nobody reads err_out any more once the gate is reached */
	bool joins;   /* it joins a live sandbox: the ids are mapped, and it has still to enter
		         the working directory */
};

/*
 * Die with the runner, however it dies.  The kernel sends the death signal for a death after this
 * call only, prctl(2); after an earlier death, err_out shows POLLERR.
 */
void payload_tie(int err_out);

/* Send e to the runner, and end with the status that it leads to. */
_Noreturn void payload_fail(int err_out, const struct err *e);

/* In the new root and (unless it joins) its working directory: confine the calling process and
 * exec.  Ends in exec or _exit. */
_Noreturn void payload_main(const struct payload *w);
