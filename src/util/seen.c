/*
 * seen: remembers files with several names during a walk.
 * Touches memory only.
 */
#include "util/seen.h"

#include <stdlib.h>

struct seen_file {
	dev_t dev;
	ino_t ino;
	char *path;
};

const char *seen_before(struct seen *s, const struct stat *st, const char *path)
{
	const uint64_t hash = (uint64_t)st->st_ino ^ (uint64_t)st->st_dev << 48;

	if (st->st_nlink < 2)
		return NULL;
	for (size_t at = 0, *i; (i = table_next(&s->table, hash, &at));)
		if (s->files[*i].ino == st->st_ino && s->files[*i].dev == st->st_dev)
			return s->files[*i].path;
	table_add(&s->table, hash, s->n);
	s->files = xgrow(s->files, s->n, sizeof(*s->files));
	s->files[s->n++] =
		(struct seen_file){ st->st_dev, st->st_ino, arena_strdup(&s->arena, path) };
	return NULL;
}

void seen_done(struct seen *s)
{
	table_done(&s->table);
	free(s->files);
	arena_done(&s->arena);
	*s = (struct seen){ .files = NULL };
}
