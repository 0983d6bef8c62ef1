/*
 * devices: devices that the options ask for by a name, and not by a path.
 */
#pragma once

#include "plan/options.h"
#include "util/err.h"

/*
 * Take devices of CDI out of o->devices, and put into o->edits what they ask for.  Strings are a's.  Returns
 * 0, or -1 with e.
 */
int devices_find(struct run_options *o, struct arena *a, struct err *e);
