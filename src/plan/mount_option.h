/*
 * mount_option: what --mount and --device ask for, as one mount of a plan.
 */
#pragma once

#include "plan/plan.h"
#include "util/arena.h"
#include "util/err.h"

/*
 * Read "type=bind|tmpfs|volume,src=...,dst=...,..." as Docker and podman spell it: comma-separated,
 * a field that holds a comma in double quotes.  A relative source is taken from cwd.  Strings of
 * *ret are a's.  A note names keys that have no effect.  Returns 0, or -1 with e.
 */
int mount_text_parse(
	const char *text, const char *cwd, struct arena *a, struct plan_mount *ret, struct err *e);

/* Read "SRC[:DST][:rwm]" of --device; without DST it is SRC. */
int mount_text_device(
	const char *text, const char *cwd, struct arena *a, struct plan_mount *ret, struct err *e);
