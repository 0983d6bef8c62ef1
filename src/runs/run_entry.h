/*
 * run_entry: the entry of this process in runs/.
 */
#pragma once

#include "runs/runs.h"

struct run_entry {
	struct runs *runs; /* borrowed */
	int lock;	   /* -1: there is no entry */
	char id[RUN_ID_DIGITS + 1];
	char file[RUN_FILE_MAX + 1];
};

#define RUN_ENTRY_NONE ((struct run_entry){ .lock = -1 })

/*
 * Check a name: letters, digits, '_', '.', '-'.  of is the option that it was given to, for the
 * message.  Returns 0, or -1 with e.
 */
int run_entry_check_name(const char *of, const char *name, struct err *e);

/*
 * Choose an id, and make an entry without facts under name (NULL: under the id).  room is the length
 * of what run_entry_write will get: the file is made as large, so that the entry, and the status after
 * it, can be written when the disk is full.  Fails if a live run has the name; the entry of a dead one
 * goes on under its id, while there is something to ask of it, else it is replaced.  Returns 0, or -1 with e; run_entry_leave in both cases.
 */
int run_entry_enter(
	struct run_entry *r, struct runs *s, const char *name, size_t room, struct err *e);

/*
 * The same without waiting for readers of a dead run's entry: returns 1, 0 if a live run has the name, or
 * -1 with e, also where the file system has no locks.
 */
int run_entry_seize(struct run_entry *r, struct runs *s, const char *name, struct err *e);

/*
 * Give the run r, which may belong to another process, a name that no live run has.  Returns 0, or
 * -1 with e.
 */
int run_entry_rename(struct runs *s, const struct live_run *r, const char *name, struct err *e);

/*
 * Process 1 runs as pid: write the entry.  id, pid and times are added to the object facts;
 * config is a line with the plan.  Returns 0, or -1 with e.
 */
int run_entry_write(struct run_entry *r, pid_t pid, json *facts, const char *config, struct err *e);

/* The run has ended.  Processes that wait for it get its exit status; with keep it stays for those
 * that ask later. */
void run_entry_leave(struct run_entry *r, int status, bool keep);
