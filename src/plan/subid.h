/*
 * subid: subordinate ids, and the map that they make with the caller's own id.
 */
#ifndef PLAN_SUBID_H
#define PLAN_SUBID_H

#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"
#include "util/arena.h"

/*
 * The ranges that a subuid(5) or subgid(5) text has for the user, who stands there by name (NULL:
 * unknown) or number.  *ret (in a) has them with inside unset.  Returns how many; a line that is
 * none is passed over.
 */
size_t subid_ranges(
	const char *text, const char *name, uint32_t uid, struct arena *a, struct id_map **ret);

/*
 * The map that makes own 0 and gives the ranges to what follows, in their order.  *ret_n gets its
 * lines, one more than the ranges at most; ids beyond the highest number are left out.
 */
struct id_map *subid_map(
	struct arena *a, uint32_t own, const struct id_map *ranges, size_t n, size_t *ret_n);

#endif
