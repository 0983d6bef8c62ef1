/*
 * word: tables of words that stand for numbers.
 */
#pragma once

#include <stdint.h>

struct word {
	const char *name; /* NULL ends a table */
	uint64_t value;
};

/* The row of a name, or NULL. */
const struct word *word_find(const struct word *table, const char *name);

/* The first name of a value, or NULL. */
const char *word_name(const struct word *table, uint64_t value);
