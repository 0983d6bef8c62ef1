/*
 * devices: devices that the options ask for by a name, and not by a path.
 */
#pragma once

#include "plan/options.h"
#include "util/err.h"

/*
 * Take devices of CDI and groups (@NAME) out of o->devices, and put into o->edits what they and --gpus ask
 * for.  Strings are a's.  Returns 0, or -1 with e.
 */
int devices_find(struct run_options *o, struct arena *a, struct err *e);

/* Note the libraries of the edits that need a newer glibc than the image has, whose root is open as rootfs. */
void devices_tell_glibc(const struct plan_edits *ed, int rootfs);
