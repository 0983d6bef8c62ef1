/*
 * live_run: an entry of runs/ as it was read.  It may belong to another process.
 */
#pragma once

#include <stdbool.h>

#include "runs/run_log.h"
#include "util/json.h"
#include "util/node.h"
#include "util/proc.h"

#define RUN_NAME_MAX 64
#define RUN_FILE_MAX (RUN_NAME_MAX + 1 + NODE_NAME_MAX) /* NAME@HOST */
#define RUN_STATUS_LINE "\n{\"status\":%d}\n"		/* the runner adds this at the end */

struct live_run {
	int dir, fd; /* of runs/, borrowed; of the entry */
	char file[RUN_FILE_MAX + 1];
	const char *called; /* what it was found by, for messages; borrowed */
	char *text;	    /* of the entry */
	json *facts;	    /* written by its runner; NULL: the run is starting */
	const char *config; /* its plan, the second line; "": there is none */
	bool alive;
	int status; /* of a run that has ended; -1: unknown */
};

#define LIVE_RUN_NONE \
	((struct live_run){ .dir = -1, .fd = -1, .called = "", .config = "", .status = -1 })

/* Read the entry of this name.  Returns 0, or -1 with errno; live_run_done in both cases. */
int live_run_open(struct live_run *r, int dir, const char *file);
void live_run_done(struct live_run *r);

/* A field of facts; "" or 0 if it is absent. */
const char *live_run_text(const struct live_run *r, const char *key);
int64_t live_run_number(const struct live_run *r, const char *key);

/* Its name: that of its file.  "": it has none, and the file is named after its id. */
const char *live_run_name(const struct live_run *r, char buf[RUN_NAME_MAX + 1]);

/* Open its process 1.  Returns 0, or -1 with e: it is starting, or has ended. */
int live_run_open_init(const struct live_run *r, struct proc *init, struct err *e);

/* Look again whether it is alive, and read what is new. */
void live_run_look(struct live_run *r);

/* Does process 1 take what is for the command: for all processes that have joined, or as the command
 * itself (no_init)? */
bool live_run_is_alone(const struct live_run *r, bool no_init);

/* Wait for its end, and read r->status.  Returns 0, or -1 with e if it left no status. */
int live_run_wait(struct live_run *r, struct err *e);

/* Remove the entry of a run that has ended; one with a log, that somebody may want to read, only with
 * log. */
void live_run_forget(const struct live_run *r, bool log);

/* Is there anything to ask of it when it has ended: its status, or, if its runner was killed, its log? */
bool live_run_tells(const struct live_run *r);

/* Has it ended, with nothing that may still be asked for? */
bool live_run_is_over(const struct live_run *r);

/*
 * Remove the entry; if another run has taken its name meanwhile, it stands at its id.  Returns false if another
 * process has it locked, perhaps only to read it.
 */
bool live_run_remove(const struct live_run *r);

/* Does the process of the entry in fd exist?  For file systems without locks. */
bool live_run_has_process(int fd);
