/*
 * gpus: the GPUs that --gpus asks for.
 */
#pragma once

#include "cdi/cdi.h"
#include "plan/edits.h"
#include "util/err.h"

/*
 * What --gpus asks for, in docker's words: "all", a number, "device=0,1", "0,1".  Add to names the devices
 * that CDI has for it; if it describes no GPU, add to ed nodes and libraries that are found.  Returns 0, or
 * -1 with e.
 */
int gpus_find(const char *text, const struct cdi *c, struct strv *names, struct plan_edits *ed,
	struct arena *a, struct err *e);

/* Only the form of the text.  Returns 0, or -1 with e. */
int gpus_check(const char *text, struct err *e);
