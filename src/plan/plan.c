/*
 * plan: frees the memory of a plan, and reads its list of descriptors.
 * Touches the heap.
 */
#include "plan/plan.h"

#include <string.h>

#include "util/number.h"

void plan_done(struct plan *p)
{
	if (!p)
		return;
	arena_done(&p->arena);
	*p = (struct plan){ 0 };
}

size_t plan_fds(const struct plan *p, int ret[PLAN_FDS_MAX])
{
	size_t n = 0;
	uint64_t fd;

	for (const char *s = p->fds; s && *s && n < PLAN_FDS_MAX; s += *s == ',') {
		size_t len = strcspn(s, ",");

		if (number_read(s, len, INT_MAX, &fd))
			ret[n++] = (int)fd;
		s += len;
	}
	return n;
}
