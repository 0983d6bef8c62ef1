/*
 * live_run: the entry of a run, as it is read from runs/; it may belong to another process.
 */
#ifndef RUNS_LIVE_RUN_H
#define RUNS_LIVE_RUN_H

#include <stdbool.h>

#include "util/json.h"
#include "util/node.h"
#include "util/proc.h"

#define RUN_NAME_MAX 64
#define RUN_ID_DIGITS 12
#define RUN_FILE_MAX (RUN_NAME_MAX + 1 + NODE_NAME_MAX) /* NAME@HOST */
#define RUN_STATUS_LINE "\n{\"status\":%d}\n"		/* what a runner adds at its end */

struct live_run {
	int dir, fd; /* of runs/, borrowed; of the entry */
	char file[RUN_FILE_MAX + 1];
	char *text;	    /* of the entry */
	json *facts;	    /* as its runner wrote them; NULL: it is about to start */
	const char *config; /* its plan, the second line; "" where there is none */
	bool alive;
	int status; /* of one that has ended; -1: none was left */
};

#define LIVE_RUN_NONE ((struct live_run){ .dir = -1, .fd = -1, .config = "", .status = -1 })

/* Read the entry of this name.  Returns 0, or -1 with errno; live_run_done in both cases. */
int live_run_open(struct live_run *r, int dir, const char *file);
void live_run_done(struct live_run *r);

/* Fields of facts; "" or 0 where absent. */
const char *live_run_text(const struct live_run *r, const char *key);
int64_t live_run_number(const struct live_run *r, const char *key);

/* Take hold of its process 1.  Returns 0, or -1 with e. */
int live_run_open_init(const struct live_run *r, struct proc *init, struct err *e);

/* Wait for its end, and read what it left: r->status.  Returns 0, or -1 with e where that is
 * nothing. */
int live_run_wait(struct live_run *r, struct err *e);

/* Take away what an ended one left. */
void live_run_forget(const struct live_run *r);

/* Is it dead, and is there nothing that somebody may still ask for? */
bool live_run_is_over(const struct live_run *r);

/*
 * Remove the entry, unless somebody has entered under its name meanwhile.  Returns false where
 * another process has it locked, perhaps only to look.
 */
bool live_run_remove(const struct live_run *r);

/* Does the entry that fd is open on belong to a live run?  By its process, for file systems without
 * locks. */
bool live_run_has_process(int fd);

#endif
