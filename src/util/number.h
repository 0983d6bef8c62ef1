/*
 * number: a decimal number in text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Read the n bytes of s, all of them digits, as a number up to max.  Returns false for anything else. */
bool number_read(const char *s, size_t n, uint64_t max, uint64_t *ret);
