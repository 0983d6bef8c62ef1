/*
 * opts: tables of options, one per verb: parsing, help, the man page and completion are
 * made from the same table.
 */
#ifndef CLI_OPTS_H
#define CLI_OPTS_H

#include <stdio.h>

#include "util/err.h"

#define OPTS_MAX 96

/* A row with a NULL name and a help text is the heading of a group.  The table ends with an empty
 * row. */
struct opt {
	int id;		   /* what the handler is told; the letter itself where there is one */
	const char *name;  /* long name */
	const char *value; /* name of its value for the help; NULL: a flag */
	const char *help;
};

/*
 * Parse argv[1 ..] by table up to the first word that is no option.  fn is called for each option
 * (value NULL for flags); it returns 0, or -1 with e.  Returns the index of that first word, or -1
 * with e.
 */
int opts_parse(const struct opt *table, int argc, char **argv,
	int (*fn)(void *arg, int id, char *value, struct err *e), void *arg, struct err *e);

void opts_help(const struct opt *table, FILE *out);

#endif
