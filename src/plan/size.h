/*
 * size: how much, as Docker's options spell it.
 */
#ifndef PLAN_SIZE_H
#define PLAN_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Read "500", "64k", "64KB", "1.5g", "2GiB" (powers of 1024, in any case) as bytes.  Returns false
 * where it is no such thing, or more than 2^63.
 */
bool size_parse(const char *text, uint64_t *ret);

#endif
