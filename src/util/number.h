/*
 * number: a decimal number in text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Read the n bytes of s, all of them digits, as a number up to max.  Returns false for anything else. */
bool number_read(const char *s, size_t n, uint64_t max, uint64_t *ret);

#define NUMBER_SET_MAX 8192

/* Read "0-3,7" as a set of numbers below NUMBER_SET_MAX: bit N % 8 of byte N / 8.  set has zeros before.  Returns
 * false for anything else. */
bool number_set(const char *s, unsigned char set[NUMBER_SET_MAX / 8]);
