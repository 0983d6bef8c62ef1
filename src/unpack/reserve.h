/* reserve: the space of a file system that unpacking leaves free. */
#pragma once

#include <stdint.h>

#include "util/err.h"

/* The reserve for the file system of dirfd: asked, or the default if that is 0. */
uint64_t reserve_of(int dirfd, uint64_t asked);

/*
 * Call it with the number of all bytes written so far.  Now and then it checks whether the reserve
 * is still free; *checked is the number at the last check.  Returns 0, or -1 with e.
 */
int reserve_check(int dirfd, uint64_t reserve, uint64_t written, uint64_t *checked, struct err *e);
