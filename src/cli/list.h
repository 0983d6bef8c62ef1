/*
 * list: the common part of the verbs that print a list, as text or as JSON.
 */
#pragma once

#include "cli/verb.h"
#include "util/json.h"

/* --json, as the options of a verb. */
struct list {
	bool want_json, ids; /* ids: print these only */
	json *items; /* what --json prints at the end; NULL: items are printed as text at once */
};

extern const struct opt list_opts[];

/* True if the caller must print the heading of a text; else l->items is an array, or ids are wanted. */
bool list_begin(struct list *l);

/* Print JSON, indented. */
void list_print(const json *j);

/* Print the array if r is 0, and free it.  Returns r. */
int list_end(struct list *l, int r);

/* "2026-11-25T14:35:51Z" */
#define LIST_DATE_SIZE 32
char *list_date(char buf[LIST_DATE_SIZE], int64_t seconds);
