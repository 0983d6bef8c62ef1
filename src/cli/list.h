/*
 * list: what the verbs that list something, as text or as JSON, have in common.
 */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "cli/cli.h"
#include "util/json.h"

struct list {
	struct globals *globals;
	const struct verb *verb;
	bool want_json;
	json *items; /* what --json prints at the end; NULL: it goes out as text at once */
};

extern const struct opt list_opts[];

/* The words of a verb that takes these options and no argument.  Returns 0, or -1 with e. */
int list_parse(struct list *l, const struct verb *v, int argc, char **argv, struct globals *g,
	struct err *e);

/* True where the heading of a text is to be printed; else there is an array for the items now. */
bool list_begin(struct list *l);

/* Print the array, where there is one and r is 0, and free it.  Returns r. */
int list_end(struct list *l, int r);

#endif
