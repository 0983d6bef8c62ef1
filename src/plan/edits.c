/*
 * edits: what devices add to a plan.
 * Touches memory only.
 */
#include "plan/edits.h"

#include <string.h>

bool edits_is_name(const char *device)
{
	const char *slash = strchr(device, '/');

	return *device == '@' || (slash && slash != device && strchr(slash, '='));
}

/* Room for one more of n elements in an arena, where room doubles at each power of two. */
static void *edits_grow(struct arena *a, void *list, size_t n, size_t size)
{
	void *bigger;

	if (n & (n - 1))
		return list;
	bigger = arena_alloc(a, (n ? 2 * n : 1) * size);
	if (n)
		memcpy(bigger, list, n * size);
	return bigger;
}

void edits_add_mount(struct plan_edits *ed, struct arena *a, struct plan_mount m)
{
	size_t at = 0;

	while (at < ed->n_mounts && strcmp(ed->mounts[at].dst, m.dst) != 0)
		at++;
	if (at == ed->n_mounts)
		ed->mounts = edits_grow(a, ed->mounts, ed->n_mounts++, sizeof(m));
	ed->mounts[at] = m;
}

void edits_add_hook(struct plan_edits *ed, struct arena *a, struct plan_hook h)
{
	struct plan_hooks *l = &ed->create_container;

	l->v = edits_grow(a, l->v, l->n, sizeof(h));
	l->v[l->n++] = h;
}

void edits_add_gid(struct plan_edits *ed, struct arena *a, uint32_t gid)
{
	ed->gids = edits_grow(a, ed->gids, ed->n_gids, sizeof(gid));
	ed->gids[ed->n_gids++] = gid;
}
