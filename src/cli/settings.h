/*
 * settings: the configuration of the site and of the user.
 *
 * A line is `KEY = VALUE`; a key is the long name of an option of `run`, or one of the few below.
 * Files of the site come first, then the user's, then the environment (SANDBOX_NETWORK for network); of
 * two the later counts, and an option of the command line comes after all.  docs/config.md has the rules.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"
#include "util/err.h"

#define SETTINGS_SITE "/etc/sandbox/sandbox.conf"

struct setting {
	const char *key;
	const char *value;  /* its variables are replaced; NULL: forget what was set before */
	const char *preset; /* it counts with --preset of that name; NULL: always */
	const char *file;   /* where it stands; NULL: in the environment */
	int line;
	bool site;   /* it stands in a file of the site */
	bool theirs; /* store.h reads the variable: here only a lock on the key matters */
};

struct settings {
	struct setting *v;
	size_t n;
	struct strv locks;   /* keys that only the site sets */
	const char *lock_at; /* the last line that locks */
	const char *message; /* said after an error; or NULL */
	struct arena arena;
};

/* Read all files and the environment.  Returns 0, or -1 with e, which names file, line and key.  The
 * caller calls settings_done() in both cases. */
int settings_read(struct settings *s, struct err *e);

/* Read one file as if it were the site's.  Otherwise as settings_read(). */
int settings_read_file(struct settings *s, const char *path, struct err *e);

void settings_done(struct settings *s);

/* If the message is about a value of the settings, "--KEY VALUE: ..." or a path of the host in it, put in front
 * where that stands. */
void settings_name(struct settings *s, struct err *e);

/* Put where it stands in front of the message: "FILE:LINE: KEY", or the variable.  Returns -1. */
int setting_wrap(const struct setting *g, struct err *e);
