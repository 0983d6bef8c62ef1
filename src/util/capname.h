/*
 * capname: capabilities by name, capabilities(7).
 */
#pragma once

#include <stdint.h>

#define CAPNAME_COUNT 41 /* CAP_CHECKPOINT_RESTORE is the last */

extern const char *const capnames[CAPNAME_COUNT]; /* "CAP_CHOWN" ..., by number */

/* The bit of "CAP_CHOWN", "chown" ...; 0 if no capability has this name. */
uint64_t capname_bit(const char *name);
