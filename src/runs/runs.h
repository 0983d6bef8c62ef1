/*
 * runs: who is running on this machine, one small file each below runs/: NAME@HOST, or ID@HOST
 * without a name.
 *
 * Its runner has it locked for as long as it lives, so that what the file says is true after any
 * crash: one that is not locked is dead, and removed by whoever sees it.  Where the file system has
 * no locks, the number and start time of process 1 tell.  Entries of other machines that share the
 * store are left alone: their process numbers mean nothing here.
 *
 * A run in the background leaves its exit status there, for the first who asks (or for a day).
 */
#ifndef RUNS_RUNS_H
#define RUNS_RUNS_H

#include <time.h>

#include "runs/live_run.h"

/* The folder. */
struct runs {
	int dir; /* -1: not opened */
	/* What was read of the entries, so as not to read them again for each name or image. */
	struct runs_known *known;
	size_t n_known;
	struct arena arena;
	struct timespec changed; /* when runs/ had been changed last; 0: the entries say more now */
};

void runs_done(struct runs *s);

/*
 * The run that a name, an id or the start of one stands for, alive or with a status that was kept.
 * Returns 0, or -1 with e (ENOENT: there is none); live_run_done in both cases.
 */
int runs_find(struct runs *s, const char *name, struct live_run *r, struct err *e);

/* Call fn for each that is alive; stops where it returns other than 0.  Dead entries are removed on
 * the way.  Returns what fn returned, or -1 with e. */
int runs_each(
	struct runs *s, int (*fn)(const struct live_run *r, void *arg), void *arg, struct err *e);

/* Remove the entries of dead runs, but statuses that somebody may still ask for.  Returns how many
 * there were; with look they stay. */
unsigned runs_sweep(struct runs *s, bool look);

/*
 * The same for a few entries only, so that a start takes no longer where many runs are alive; the
 * others are left to later starts.
 */
void runs_sweep_few(struct runs *s);

/* The name of the entry of a live run of any machine that uses the image with this id; NULL: there
 * is none.  Valid until the next call. */
const char *runs_use(struct runs *s, const char *image);

#endif
