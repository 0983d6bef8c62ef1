/*
 * opts: tables of options.  Parsing, help, the man page and completion use the same rows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/settings.h"
#include "util/arena.h"
#include "util/err.h"

/* An option that was given. */
struct opt_given {
	const struct opt *opt;
	void *to;		       /* the member that it sets */
	char *text;		       /* its value; NULL: it is a flag */
	bool on;		       /* false: a flag with =false */
	const struct setting *setting; /* that gives it; NULL: the command line */
	const struct opts *list;       /* of all tables */
	const struct settings *settings;
	struct strv *notes; /* said when all words are read: -q may come later */
	struct arena *arena;
	struct err *e;
};

/* The kind of an option: checks and stores its value.  Returns 0, 1 to ignore all further words, or
 * -1 with e. */
typedef int opt_kind(const struct opt_given *g);

/* A row without a name is the heading of a group.  A table ends with an empty row. */
struct opt {
	char letter;	   /* 0: it only has a long name */
	const char *name;  /* long name */
	const char *value; /* the value's name in the help; NULL: it is a flag */
	const char *help;
	opt_kind *kind;
	size_t offset;	/* of the member, in the struct that the table fills */
	uint64_t limit; /* the largest number, or the smallest size */
};

opt_kind opt_flag;		       /* bool: becomes true, or false by =false */
opt_kind opt_whether, opt_whether_not; /* int: 1 or -1, so that 0 is: not given */
opt_kind opt_word;   /* bool: becomes true; the value must be a word of the help, as "this|that" */
opt_kind opt_text;   /* const char *: the last value counts */
opt_kind opt_dir;    /* the same for a path, which has to begin with / in a file of settings */
opt_kind opt_list;   /* struct strv: values are added */
opt_kind opt_number; /* int: 0 to limit */
opt_kind opt_size;   /* uint64_t */
opt_kind opt_age;    /* int64_t: seconds, of "30d" and the like */
opt_kind opt_preset; /* gives the options of the table what the preset of that name says */
opt_kind opt_mpi;    /* "host[:NAME]": the same of the preset "mpi[:NAME]" */

/*
 * Options of other tools that set nothing; the help says why, after "no effect: " or "refused: ".
 */
opt_kind opt_given;   /* what is asked for is always so; the value is a word of the help, or "" */
opt_kind opt_ignored; /* any value; a note if a flag is =false, since it cannot be switched off */
opt_kind opt_noted;   /* any value; a note, but not for =false */
opt_kind opt_refused; /* an error, but not for =false */

/* A table and the struct that it fills. */
struct opts {
	const struct opt *table;
	void *to;
	/* looks at the values that were given; or NULL.  Returns 0, or -1 with e. */
	int (*check)(const void *to, struct err *e);
};

/* Does a table have an option of that long name? */
bool opts_have(const struct opts *list, const char *name);

/* Does setting i give an option of the list a value, which no later one forgets? */
bool opts_use(const struct opts *list, const struct settings *s, size_t i);

/*
 * Give the options of the list what the settings say that belong to the preset; NULL: those that always
 * count.  all: a key that no table has is an error.  Those that users may not set are refused.  Returns 0,
 * or -1 with e, which names file, line and key.
 */
int opts_apply(const struct opts *list, const struct settings *s, const char *preset, bool all,
	struct arena *a, struct err *e);

/*
 * Parse argv[1 ..], which NULL ends, up to the first word that is not an option, as docker does: names are whole, "="
 * may stand before any value, and a flag takes =true and =false.  A NULL table ends the list.
 * An option that the settings lock is refused.  Returns the index of that word, or -1 with e.
 */
int opts_parse(const struct opts *list, const struct settings *s, char **argv, struct arena *a,
	struct err *e);

void opts_help(const struct opt *table, FILE *out);
