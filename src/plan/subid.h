/*
 * subid: subordinate ids, and the map that they make with the caller's own id.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"
#include "util/arena.h"

/*
 * The ranges that a subuid(5) or subgid(5) text gives the user, by name (NULL: unknown) or by number.
 * *ret, in a, has them with inside unset.  Skips invalid lines.  Returns how many there are.
 */
size_t subid_ranges(
	const char *text, const char *name, uint32_t uid, struct arena *a, struct id_map **ret);

/*
 * The map where own is 0 inside, and the ids from 1 on are the ranges, in their order.  *ret_n gets
 * the number of its lines, at most one more than the ranges.  Leaves out ids above the highest number.
 */
struct id_map *subid_map(
	struct arena *a, uint32_t own, const struct id_map *ranges, size_t n, size_t *ret_n);
