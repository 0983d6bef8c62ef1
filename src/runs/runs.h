/*
 * runs: the live runs, one small file for each below runs/: NAME@HOST, or ID@HOST without a name.
 *
 * The runner locks the file for as long as it lives, so that a crash leaves nothing that looks
 * alive: a file without a lock belongs to a dead run, and the next process that reads it removes
 * it.  On a file system without locks, the number and the start time of process 1 decide.  Entries
 * of other machines that share the store are not touched: their process numbers mean nothing here.
 *
 * A run in the background leaves its exit status there, until it is asked for or for a day.
 */
#pragma once

#include <time.h>

#include "runs/live_run.h"

#define RUNS_PREFIX_MIN 3 /* as for images: a shorter one is rather a mistake */

/* The folder. */
struct runs {
	int dir; /* -1: not opened */
	/* What a command has read, to avoid reading the entries again for each name or image. */
	struct runs_known *known;
	size_t n_known;
	struct arena arena;
	struct timespec changed; /* time of change of runs/ then; 0: read the entries again */
};

void runs_done(struct runs *s);

/*
 * Find the run that a name, an id or its first digits, at least RUNS_PREFIX_MIN, stand for.  It is
 * alive, or has left its status.  name must outlive r.  Returns 0, or -1 with e (ENOENT: there is none); live_run_done in both cases.
 */
int runs_find(struct runs *s, const char *name, struct live_run *r, struct err *e);

/* Call fn for each live run of this machine, and with ended for those of which something is left, until
 * it returns other than 0; remove entries of dead ones.  Returns what fn returned, or -1 with e. */
int runs_each(struct runs *s, bool ended, int (*fn)(const struct live_run *r, void *arg), void *arg,
	struct err *e);

/* Remove the entries of dead runs, except statuses that may still be asked for.  Returns their
 * number; with look, they are only counted. */
unsigned runs_sweep(struct runs *s, bool look);

/*
 * The same for a few entries only, so that a start takes no longer when many runs are alive; later
 * starts look at the others.
 */
void runs_sweep_few(struct runs *s);

/* The entry of a live run, of any machine, that uses the image with this id; NULL: there is none.
 * Valid until the next call. */
const char *runs_use(struct runs *s, const char *image);
