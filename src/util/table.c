/*
 * table: a hash table with linear probing; records are never removed.
 * Touches memory only.
 */
#include "util/table.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"

#define TABLE_FIRST 64 /* slots of the smallest one */
#define TABLE_FREE SIZE_MAX

struct table_slot {
	uint64_t hash;
	size_t record; /* TABLE_FREE: no record has this slot */
};

/* FNV-1a */
uint64_t table_hash(const void *key, size_t len)
{
	const unsigned char *p = key;
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}

/* Fibonacci hashing, the highest bits: inode numbers, which are their own hash, come in runs. */
static struct table_slot *table_slot(const struct table *t, uint64_t hash, size_t at)
{
	uint64_t mixed = hash * 0x9e3779b97f4a7c15ull;

	return &t->slots[((size_t)(mixed >> (__builtin_clzll(t->room) + 1)) + at) & (t->room - 1)];
}

static void table_put(struct table *t, struct table_slot s)
{
	size_t at = 0;

	while (table_slot(t, s.hash, at)->record != TABLE_FREE)
		at++;
	*table_slot(t, s.hash, at) = s;
}

static void table_grow(struct table *t)
{
	struct table bigger = { .n = t->n, .room = t->room ? 2 * t->room : TABLE_FIRST };

	bigger.slots = xmalloc(bigger.room * sizeof(*bigger.slots));
	memset(bigger.slots, 0xff, bigger.room * sizeof(*bigger.slots));
	for (size_t i = 0; i < t->room; i++)
		if (t->slots[i].record != TABLE_FREE)
			table_put(&bigger, t->slots[i]);
	free(t->slots);
	*t = bigger;
}

void table_add(struct table *t, uint64_t hash, size_t record)
{
	if (2 * t->n >= t->room)
		table_grow(t);
	table_put(t, (struct table_slot){ hash, record });
	t->n++;
}

size_t *table_next(const struct table *t, uint64_t hash, size_t *at)
{
	while (t->room) {
		struct table_slot *s = table_slot(t, hash, (*at)++);

		if (s->record == TABLE_FREE)
			return NULL;
		if (s->hash == hash)
			return &s->record;
	}
	return NULL;
}

void table_done(struct table *t)
{
	free(t->slots);
	*t = (struct table){ 0 };
}
