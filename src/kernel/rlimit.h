/*
 * rlimit: resource limits of the payload.
 */
#pragma once

#include <stdint.h>

#include "util/err.h"

/* Set a limit (RLIMIT_*) of the calling process; name is what messages call it.  Returns 0, or -1
 * with e. */
int rlimit_set(int resource, const char *name, uint64_t soft, uint64_t hard, struct err *e);
