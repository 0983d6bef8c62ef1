/*
 * ranges: the calls of one ABI as ranges of equal verdict, and the comparisons that find one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seccomp/bpf.h"
#include "seccomp/table.h"

/* A rule that speaks of a call; rank says which is asked first. */
struct call {
	uint32_t nr, rank;
	const struct seccomp_rule *rule;
};

/* Numbers from first to the next range's: one verdict, or rules to ask one after the other and then
 * the verdict. */
struct range {
	uint32_t first, verdict;
	const struct call *calls;
	size_t n_calls;
	bool narrow;
};

struct ranges {
	struct range *v;
	size_t n;
};

/* Add a range behind the others; one that is like the last becomes part of it. */
void ranges_add(struct ranges *l, const struct range *r);

void ranges_done(struct ranges *l); /* frees the list; what the calls point to is the caller's */

/* Find the range of A, which is not below the first, and ask what it asks.  Of one range or more.
 */
bpf_label ranges_put(struct bpf *b, const struct ranges *l);
