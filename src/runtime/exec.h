/*
 * exec: find the command inside the new root and become it.
 */
#pragma once

#include "plan/plan.h"
#include "util/err.h"

/*
 * Execute p->args with p->env.  A name without '/' is looked up in the PATH of p->env.  Returns
 * only on failure, with -1 and e: status 127 where the command, or a file that it needs to run, is
 * missing, and 126 where it cannot be executed.
 */
int exec_run(const struct plan *p, struct err *e);

/* Look the command up in the same way, without executing it: 0, or -1 with e as from exec_run, where
 * it is missing or may not be executed. */
int exec_find(const struct plan *p, struct err *e);
