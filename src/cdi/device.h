/*
 * device: what a device of CDI asks for, as edits of a plan.
 */
#pragma once

#include "plan/edits.h"
#include "util/json.h"

/*
 * Add containerEdits, which have been checked, to ed; NULL adds nothing.  path is the specification's, for
 * messages; strings are a's.  Notes tell what a process without privileges cannot do.  Returns 0, or -1 with
 * e: a file of the host is missing, or of another type.
 */
int cdi_device_edits(
	const json *edits, const char *path, struct plan_edits *ed, struct arena *a, struct err *e);
