/*
 * payload: the last steps of a process before it becomes the command.
 */
#ifndef RUNTIME_PAYLOAD_H
#define RUNTIME_PAYLOAD_H

#include <stdbool.h>

#include "kernel/sig.h"
#include "plan/plan.h"

struct payload {
	const struct plan *p;
	const struct sig *sig;
	int proc;    /* see host.h */
	int err_out; /* takes a struct err, an empty one in front of the gate; the exec closes it */
	int tty;     /* the inner side of its own terminal; -1: none */
	int gate;    /* see runtime.h; -1: none */
	bool outlive; /* see runtime.h: nobody reads err_out any more once the gate is reached */
	bool joins;   /* a live sandbox: the ids are mapped, the working directory is still to be
			entered */
};

/* In the new root and (unless it joins) its working directory: confine the calling process and
 * exec.  Ends in exec or _exit. */
_Noreturn void payload_main(const struct payload *w);

#endif
