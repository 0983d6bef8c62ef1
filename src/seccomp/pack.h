/*
 * pack: libseccomp's call numbers as a packed table (names.h).  Of seccomp_gen and the tests alone.
 */
#pragma once

#include <stddef.h>

/* The table of a machine (SECCOMP_ON_*), malloc'd. */
unsigned char *pack_names(unsigned arch, size_t *ret_size);
