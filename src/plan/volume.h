/*
 * volume: what -v and --tmpfs ask for, as one mount of a plan.
 */
#ifndef PLAN_VOLUME_H
#define PLAN_VOLUME_H

#include <stdbool.h>

#include "plan/plan.h"
#include "util/arena.h"
#include "util/err.h"

/*
 * Read "SRC:DST[:OPTIONS]", or "DST" alone: a writable place that starts with what the image has
 * there. A relative SRC is taken from cwd.  Strings of *ret are a's.  Options without a meaning
 * here are told with a note.
 */
int volume_parse(
	const char *text, const char *cwd, struct arena *a, struct plan_mount *ret, struct err *e);

/* Read "DST[:OPTIONS]" of --tmpfs: Docker's noexec, nosuid, nodev unless the options say otherwise.
 */
int volume_parse_tmpfs(
	const char *text, const char *cwd, struct arena *a, struct plan_mount *ret, struct err *e);

/*
 * Apply a comma-separated list of such options to *m, a bind or tmpfs with the attributes that hold
 * without them; for a tmpfs that is no copy, data comes from them, too.  what and text are for
 * messages.  Returns 0, or -1 with e.
 */
int volume_options(const char *what, const char *text, const char *list, struct arena *a,
	struct plan_mount *m, struct err *e);

/* A path on the host made absolute; cwd is NULL where it is gone.  *ret is a's.  0, or -1 with e.
 */
int volume_source(const char *src, const char *cwd, const char *what, const char *text,
	struct arena *a, char **ret, struct err *e);

/*
 * Clean a path of the image into one that a mount can go on: absolute, not the root, and of /proc
 * only the files that a volume may cover.  *ret is a's.  what and text are for the message.
 */
int volume_target(const char *path, const char *what, const char *text, struct arena *a, char **ret,
	struct err *e);

/* True where path is dir or lies below it; both cleaned. */
bool volume_is_below(const char *path, const char *dir);

#endif
