/*
 * plan: frees the memory of a plan.
 * Touches the heap.
 */
#include "plan/plan.h"

void plan_done(struct plan *p)
{
	if (!p)
		return;
	arena_done(&p->arena);
	*p = (struct plan){ 0 };
}
