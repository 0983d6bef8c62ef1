/*
 * runtime: carries out a plan.  It takes no decision of its own.
 */
#ifndef RUNTIME_RUNTIME_H
#define RUNTIME_RUNTIME_H

#include "plan/plan.h"
#include "util/err.h"

/*
 * Run the plan's process in rootfs_fd (a directory that the caller owns; never written to) and wait for its end.
 * Signals that arrive meanwhile are forwarded; when the caller dies, everything inside dies.
 * Returns the payload's exit status (0 to 255; 128+n where signal n ended it), or -1 with e where it never started
 * (e->status: 125, 126 or 127).  Nothing is left behind in either case.
 */
int runtime_run(const struct plan *p, int rootfs_fd, struct err *e);

#endif
