/*
 * logger: the process that keeps what a run in the background prints.
 */
#pragma once

#include <sys/types.h>

#include "runs/run_entry.h"

/*
 * Start it for the run of this entry: from here on the standard output and standard error of the
 * calling process, and of all that it starts, go to the run's log.  *ret_pid gets the process.
 * Returns 0, or -1 with e.
 */
int logger_start(const struct run_entry *r, pid_t *ret_pid, struct err *e);

/* The run has ended: wait until its log is complete.  pid 0: there is no logger. */
void logger_end(pid_t pid);
