/*
 * runs: who is running on this machine, one small file each below runs/: NAME@HOST, or ID@HOST
 * without a name.
 *
 * Its runner has it locked for as long as it lives, so that what the file says is true after any
 * crash: one that is not locked is dead, and removed by whoever sees it.  Where the file system has
 * no locks, the number and start time of process 1 tell. Entries of other machines that share the
 * store are left alone: their process numbers mean nothing here.
 *
 * A run in the background leaves its exit status there, for the first who asks (or for a day).
 */
#ifndef RUNS_RUNS_H
#define RUNS_RUNS_H

#include <sys/types.h>

#include "store/store.h"
#include "util/json.h"
#include "util/proc.h"

#define RUN_NAME_MAX 64
#define RUN_ID_DIGITS 12
#define RUN_FILE_MAX (RUN_NAME_MAX + 1 + 65) /* NAME@HOST */

/* One's own. */
struct run_entry {
	struct store *store; /* borrowed */
	int lock;	     /* -1: none was made */
	char id[RUN_ID_DIGITS + 1];
	const char *name; /* borrowed; NULL: none */
	char file[RUN_FILE_MAX + 1];
};

/*
 * Choose an id and enter a run under name (letters, digits, '_', '.', '-'; NULL: under its id).
 * Fails where a live one has the name; the entry of a dead one is replaced.  It is empty yet.
 * Returns 0, or -1 with e; runs_leave in both cases.
 */
int runs_enter(struct run_entry *r, struct store *s, const char *name, struct err *e);

/*
 * The run is there: pid is process 1.  facts is an object that id, name, pid and times are added
 * to.  Returns 0, or -1 with e.
 */
int runs_tell(struct run_entry *r, pid_t pid, json *facts, struct err *e);

/* The end.  keep: status, the exit status, stays for who asks; it is passed in any case to those
 * that wait already. */
void runs_leave(struct run_entry *r, int status, bool keep);

/* Somebody's. */
struct run {
	int fd;
	char file[RUN_FILE_MAX + 1];
	json *facts;	     /* as they were told; NULL: it is about to start */
	bool alive, foreign; /* foreign: of another machine that shares the store */
	int status;	     /* of one that has ended; -1: none was left */
};

/* Fields of facts; "" or 0 where absent. */
const char *run_text(const struct run *r, const char *key);
int64_t run_number(const struct run *r, const char *key);

/*
 * The run that a name, an id or the start of one stands for, alive or with a status that was kept.
 * Returns 0, or -1 with e (ENOENT: there is none); run_done in both cases.
 */
int runs_find(struct store *s, const char *name, struct run *r, struct err *e);
void run_done(struct run *r);

/* Take hold of its process 1.  Returns 0, or -1 with e. */
int run_open_init(const struct run *r, struct proc *init, struct err *e);

/* Wait for its end, and read what it left: r->status.  Returns 0, or -1 with e where that is
 * nothing. */
int run_wait(struct run *r, struct err *e);

/* Take away what an ended one left. */
void run_forget(struct store *s, const struct run *r);

/* Call fn for each that is alive; stops where it returns other than 0.  Dead entries are removed on
 * the way. */
int runs_each(struct store *s, int (*fn)(const struct run *r, void *arg), void *arg, struct err *e);

#endif
