/*
 * launch: a run from its start to its end: its entry in the store, and its reports.
 */
#pragma once

#include "launch/options.h"
#include "plan/plan.h"
#include "runs/door.h"
#include "runs/run_entry.h"
#include "store/stored_image.h"

/* What the process that keeps a sandbox for others has: see rank.h. */
struct launch_keep {
	struct run_entry entry; /* seized */
	char file[DOOR_FILE_SIZE];
	int door; /* listens; -1: it is handed over */
	bool mixed;
};

struct launch {
	const struct launch_options *options;
	const struct plan *plan;
	struct store *store;	    /* opened if possible */
	struct stored_image *image; /* dir -1: rootfs is a plain folder in no store */
	const char *called;	    /* the user's word for the image */
	struct launch_keep *keep;   /* NULL: a run with a command */
	int *ret_signal;	    /* what ended the command, 0: no signal; or NULL */
};

/* Remove the door and the entry, if that is not done yet. */
void launch_close_keep(struct store *s, struct launch_keep *k);

/* Carry the plan out and wait for the end.  Returns the exit status, or -1 with e. */
int launch_run(const struct launch *l, struct err *e);

/*
 * The same in a process in the background.  Returns 0 with the run's id once the command runs, or
 * -1 with e.
 */
int launch_detach(const struct launch *l, char ret_id[RUN_ID_DIGITS + 1], struct err *e);
