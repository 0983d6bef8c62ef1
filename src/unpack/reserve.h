/*
 * reserve: the bytes of a file system that unpacking leaves free.
 */
#pragma once

#include <stdint.h>

#include "util/err.h"

/* What is to stay free on the file system of dirfd: asked, or the default where that is 0. */
uint64_t reserve_of(int dirfd, uint64_t asked);

/*
 * Call it with the sum of all bytes written so far: now and then it looks whether the reserve is
 * still free.  *checked is that sum at the last look.  Returns 0, or -1 with e.
 */
int reserve_check(int dirfd, uint64_t reserve, uint64_t written, uint64_t *checked, struct err *e);
