/*
 * verb: the description of a verb, and the common frame of all verbs.
 */
#pragma once

#include <stdbool.h>

#include "cli/opts.h"
#include "store/cache.h"

/* Options that every verb takes, before the verb or after it. */
struct globals {
	const char *store;  /* the caller's own: the last --store */
	struct strv shared; /* those before it, which are only read */
	bool store_is_set;  /* by the configuration: --store replaces it */
	bool help;
	int ended_by; /* a signal that ended the command, and shall end this process; 0: none */
	struct settings settings;
	const struct err *unread; /* why the settings could not be read; or NULL */
	struct arena arena;
};

extern const struct opt globals_opts[];

/* A call of a verb. */
struct call {
	const struct verb *verb;
	struct globals *globals;
	void *options; /* the verb's own */
	struct import_request request;
	char **argv;  /* all words, from the verb's name on */
	char **words; /* those that are no options, NULL-terminated */
	size_t n;
	struct store store;
	struct cache *cache; /* open, in front of the stores that are only read; NULL: none */
	struct arena arena;
};

enum verb_store {
	VERB_STORE_NONE, /* the verb opens one itself, or needs none */
	VERB_STORE_OWN,
	VERB_STORE_ALL, /* also those that are only read */
};

/* What the words of a verb are, for completion. */
enum verb_words { VERB_FILES, VERB_IMAGES, VERB_RUNS };

#define VERB_ANY SIZE_MAX

struct verb {
	const char *name;
	const char *synopsis; /* words after the name */
	const char *summary;  /* one line */
	const char *details;  /* paragraphs for `help VERB`, or NULL */

	const struct opt *opts;	      /* the verb's own, or NULL */
	size_t size;		      /* of the struct that they fill */
	const void *defaults;	      /* its initial value; NULL: zeros */
	const struct opt *image_opts; /* image_arg_opts, which fill call.request, or NULL */

	size_t least, most; /* the number of words */
	const char *wants;  /* the error for another number */
	enum verb_words words;
	bool unconfigured; /* works without the settings */
	bool command;	   /* all after the first word is a command: no option of the verb */

	enum verb_store store;
	/* Returns the exit status, or -1 with e. */
	int (*run)(struct call *c, struct err *e);
	/* Instead of run: called for each word, also after one that failed, until it returns a status. */
	int (*each)(struct call *c, const char *word, struct err *e);
};

extern const struct verb verb_run, verb_exec, verb_ps, verb_stop, verb_kill, verb_wait;
extern const struct verb verb_rename, verb_logs, verb_cp, verb_commit, verb_top, verb_stats;
extern const struct verb verb_load, verb_save, verb_unpack, verb_inspect, verb_images, verb_tag;
extern const struct verb verb_verify, verb_writable, verb_rm, verb_gc, verb_doctor, verb_config;
extern const struct verb verb_cdi, verb_help;
extern const struct verb *const verbs[]; /* NULL-terminated */

/* The verb of that name, or NULL. */
const struct verb *verb_find(const char *name);

/* All tables of v in the order of the help, then NULL. */
#define VERB_TABLES 4
void verb_tables(const struct verb *v, const struct opt *ret[VERB_TABLES]);

/* Write the text of `help VERB`. */
void verb_write_help(const struct verb *v, FILE *out);

/* Parse the options in argv[1 ..], check the other words, open the store, and run v.  Returns the
 * exit status, or -1 with e. */
int verb_call(const struct verb *v, char **argv, struct globals *g, struct err *e);

/* Print the error, and its hint, as main does. */
void verb_print_error(struct err *e);

/*
 * One of several words has failed with one, and the others go on.  *e keeps the last error, so it prints the
 * one before, if r is -1.  Returns -1.
 */
int verb_fail(int r, struct err *e, const struct err *one);

/* The words after the first.  A "--" before them is skipped: users of other tools put one before a
 * command. */
char **verb_command(const struct call *c);
