/*
 * runs: who is running, by name: runs/NAME, locked by its runner for as long as it lives.
 */
#ifndef STORE_RUNS_H
#define STORE_RUNS_H

#include "store/store.h"

#define RUN_NAME_MAX 64

struct run_entry {
	struct store *store; /* borrowed */
	int lock;	     /* -1: none was made */
	char name[RUN_NAME_MAX + 1];
};

/*
 * Enter a run under name (letters, digits, '_', '.', '-').  Fails where a live one has it; the entry of a dead one is replaced.
 * Returns 0, or -1 with e; runs_leave in both cases.
 */
int runs_enter(struct run_entry *r, struct store *s, const char *name, const char *image, struct err *e);
void runs_leave(struct run_entry *r);

#endif
