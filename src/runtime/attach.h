/*
 * attach: one more process in a live sandbox.
 */
#pragma once

#include "plan/plan.h"
#include "runtime/events.h"
#include "runtime/join.h"
#include "util/err.h"

/*
 * Run one more process in these namespaces of a live sandbox; p is its saved plan, or one that differs in
 * what a process has of its own, with arguments (not in argv).  The caller has called own_binary_seal.
 * Returns as runtime_run does.
 */
int attach_run(
	const struct plan *p, const struct join *j, struct runtime_events *ev, struct err *e);
