/*
 * inodes: a hash table with linear probing; records are never removed.
 * Called within unpack/.  Touches memory only.
 */
#include "unpack/inodes.h"

#include <stdlib.h>

#include "util/arena.h"

static size_t slot_of(const struct inodes *t, uint64_t ino)
{
	/* Fibonacci hashing: inode numbers come in runs. */
	size_t i = (size_t)(ino * 0x9e3779b97f4a7c15ull >> 20) & (t->room - 1);

	while (t->slots[i].ino != 0 && t->slots[i].ino != ino)
		i = (i + 1) & (t->room - 1);
	return i;
}

static void grow(struct inodes *t)
{
	struct inodes bigger = { .n = t->n, .room = t->room ? 2 * t->room : 1024 };

	bigger.slots = calloc(bigger.room, sizeof(*bigger.slots));
	if (!bigger.slots)
		bigger.slots = xmalloc(SIZE_MAX); /* says that memory is out, and ends */
	for (size_t i = 0; i < t->room; i++)
		if (t->slots[i].ino != 0)
			bigger.slots[slot_of(&bigger, t->slots[i].ino)] = t->slots[i];
	free(t->slots);
	*t = bigger;
}

struct inode_meta *inodes_put(struct inodes *t, uint64_t ino)
{
	struct inode_meta *m;

	if (2 * t->n >= t->room)
		grow(t);
	m = &t->slots[slot_of(t, ino)];
	if (m->ino == 0) {
		m->ino = ino;
		t->n++;
	}
	return m;
}

struct inode_meta *inodes_get(const struct inodes *t, uint64_t ino)
{
	struct inode_meta *m;

	if (t->room == 0 || ino == 0)
		return NULL;
	m = &t->slots[slot_of(t, ino)];
	return m->ino == ino ? m : NULL;
}

void inodes_move(struct inodes *to, struct inodes *from)
{
	if (to->n == 0) {
		inodes_done(to);
		*to = *from;
		*from = (struct inodes){ 0 };
		return;
	}
	for (size_t i = 0; i < from->room; i++)
		if (from->slots[i].ino != 0)
			*inodes_put(to, from->slots[i].ino) = from->slots[i];
	inodes_done(from);
}

void inodes_done(struct inodes *t)
{
	free(t->slots);
	*t = (struct inodes){ 0 };
}
