/*
 * volume: what -v and --tmpfs ask for, as one mount of a plan.
 */
#pragma once

#include <stdbool.h>

#include "plan/plan.h"
#include "util/arena.h"
#include "util/err.h"

/* The value of an option that mounts something. */
struct mount_text {
	const char *text;
	const char *cwd;	 /* where a relative source starts; NULL: it is gone */
	struct arena *arena;	 /* owns the strings that are read */
	struct strv *notes;	 /* gets a line for each part that has no effect; or NULL */
	const struct plan *plan; /* with its ids; NULL: they are not known */
};

/* Reads such a value.  Returns 0, or -1 with e. */
typedef int mount_text_parser(const struct mount_text *t, struct plan_mount *ret, struct err *e);

/* "SRC:DST[:OPTIONS]", or "DST" alone: a writable place that begins with what the image has there. */
mount_text_parser volume_parse;

/* "DST[:OPTIONS]" of --tmpfs.  As in Docker it is noexec, nosuid and nodev by default. */
mount_text_parser volume_parse_tmpfs;

/*
 * Apply a comma-separated list of such options to *m, a bind or tmpfs with its default attributes.
 * what names the option in messages.  Returns 0, or -1 with e.
 */
int volume_options(const char *what, const struct mount_text *t, const char *list,
	struct plan_mount *m, struct err *e);

/* Make a path on the host absolute; cwd is NULL if it is gone.  *ret is a's.  Returns 0, or -1 with e. */
int volume_source(const char *src, const char *cwd, const char *what, const char *text,
	struct arena *a, char **ret, struct err *e);

/*
 * Clean a path of the image that is to be a mount point: absolute, not the root, and in /proc only the
 * files that a volume may cover.  *ret is a's.  what and text are for the message.
 */
int volume_target(const char *path, const char *what, const char *text, struct arena *a, char **ret,
	struct err *e);

/* Is path the same as dir, or below it?  Both are cleaned. */
bool volume_is_below(const char *path, const char *dir);
