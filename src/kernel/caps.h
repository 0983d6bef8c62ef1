/*
 * caps: capability sets, capabilities(7).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

/*
 * Confine the calling process and all its children to these sets, of which the effective one is the
 * permitted one; nothing is inheritable or ambient.  Without no_new_privs, setuid programs and files
 * with capabilities can give what is in the bounding set.  Returns 0, or -1 with e.
 */
int caps_confine(uint64_t bounding, uint64_t permitted, bool no_new_privs, struct err *e);

/*
 * For sandbox's own waiting processes: keep nothing but keep, for good.  Returns 0, or -1 with e.
 */
int caps_drop(uint64_t keep, struct err *e);

/*
 * Make every permitted capability effective again, after a change of ids.  Returns 0, or -1 with e.
 */
int caps_raise(struct err *e);
