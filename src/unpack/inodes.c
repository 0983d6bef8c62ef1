/*
 * inodes: an array of records, and a table to find them.
 * Touches memory only.
 */
#include "unpack/inodes.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"

void *inodes_at(const struct inodes *t, size_t i, size_t size)
{
	return (char *)t->records + i * size;
}

void *inodes_get(const struct inodes *t, uint64_t ino, size_t size)
{
	size_t at = 0, *record = table_next(&t->table, ino, &at);

	return record ? inodes_at(t, *record, size) : NULL;
}

void *inodes_put(struct inodes *t, uint64_t ino, size_t size)
{
	void *record = inodes_get(t, ino, size);

	if (record)
		return record;
	t->records = xgrow(t->records, t->n, size);
	table_add(&t->table, ino, t->n);
	record = inodes_at(t, t->n++, size);
	memset(record, 0, size);
	memcpy(record, &ino, sizeof(ino));
	return record;
}

void inodes_move(struct inodes *to, struct inodes *from, size_t size, bool (*keep)(const void *))
{
	for (size_t i = 0; i < from->n && to->n > 0; i++) {
		const void *record = inodes_at(from, i, size);
		uint64_t ino;

		memcpy(&ino, record, sizeof(ino));
		if (!keep || keep(record))
			memcpy(inodes_put(to, ino, size), record, size);
	}
	if (to->n == 0) {
		inodes_done(to);
		*to = *from;
		*from = (struct inodes){ 0 };
	}
	inodes_done(from);
}

void inodes_done(struct inodes *t)
{
	table_done(&t->table);
	free(t->records);
	*t = (struct inodes){ 0 };
}
