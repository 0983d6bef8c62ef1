/*
 * word: tables of words that stand for numbers.
 * Touches nothing.
 */
#include "util/word.h"

#include <stddef.h>
#include <string.h>

const struct word *word_find(const struct word *table, const char *name)
{
	while (table->name && strcmp(table->name, name) != 0)
		table++;
	return table->name ? table : NULL;
}

const char *word_name(const struct word *table, uint64_t value)
{
	while (table->name && table->value != value)
		table++;
	return table->name;
}
