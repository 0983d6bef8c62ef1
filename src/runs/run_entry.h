/*
 * run_entry: the entry that this process owns in runs/.
 */
#ifndef RUNS_RUN_ENTRY_H
#define RUNS_RUN_ENTRY_H

#include "runs/runs.h"

struct run_entry {
	struct runs *runs; /* borrowed */
	int lock;	   /* -1: none was made */
	char id[RUN_ID_DIGITS + 1];
	const char *name; /* borrowed; NULL: none */
	char file[RUN_FILE_MAX + 1];
};

#define RUN_ENTRY_NONE ((struct run_entry){ .lock = -1 })

/*
 * Check a name: letters, digits, '_', '.', '-'.  Returns 0, or -1 with e, which says what it is the
 * name of.
 */
int run_entry_check_name(const char *of, const char *name, struct err *e);

/*
 * Choose an id and enter a run under name (NULL: under its id).  Fails where a live one has the
 * name; the entry of a dead one is replaced.  It is empty yet.  Returns 0, or -1 with e;
 * run_entry_leave in both cases.
 */
int run_entry_enter(struct run_entry *r, struct runs *s, const char *name, struct err *e);

/*
 * The run is there: pid is process 1.  facts is an object that id, name, pid and times are added to,
 * config a line with the plan.  Returns 0, or -1 with e.
 */
int run_entry_write(struct run_entry *r, pid_t pid, json *facts, const char *config, struct err *e);

/* The end.  keep: status, the exit status, stays for who asks; it is passed in any case to those
 * that wait already. */
void run_entry_leave(struct run_entry *r, int status, bool keep);

#endif
