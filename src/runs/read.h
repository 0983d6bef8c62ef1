/*
 * run: reading an entry of runs/.  For runs.c; others have runs.h.
 */
#ifndef RUNS_READ_H
#define RUNS_READ_H

#include "runs/runs.h"

#define RUN_STATUS_LINE "\n{\"status\":%d}\n" /* what a runner adds at its end */

/* Does the entry that fd is open on belong to a live run?  For file systems without locks: by its
 * process. */
bool run_is_alive(int fd);

/* Remove the entries of dead runs, but statuses that somebody may still ask for. */
void runs_sweep(struct store *s);

/* How many those are. */
unsigned runs_dead(struct store *s);

/* Does a live run of any machine use the image with this id?  file gets the name of its entry. */
bool runs_use(struct store *s, const char *image, char file[RUN_FILE_MAX + 1]);

#endif
