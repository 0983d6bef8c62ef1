/*
 * attach: one more process in a live sandbox.
 */
#pragma once

#include "plan/plan.h"
#include "runtime/events.h"
#include "util/err.h"
#include "util/proc.h"

/*
 * Run one more process in the namespaces of the live sandbox whose process 1 is init; p is the saved
 * plan of that sandbox, with arguments (not in argv).  The caller has called own_binary_seal.  Returns
 * as runtime_run does.
 */
int attach_run(
	const struct plan *p, const struct proc *init, struct runtime_events *ev, struct err *e);
