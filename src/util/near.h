/*
 * near: which of several words a mistyped one was meant to be.
 */
#pragma once

#include <stddef.h>

struct near {
	const char *word; /* as it was typed */
	size_t len;
	unsigned edits;	   /* of the best so far */
	const char *found; /* NULL: none is like it */
};

/* The first len bytes of word. */
struct near near_of(const char *word, size_t len);

/* Compare with one more.  found gets the first of those with the fewest edits: one in a short word, else two. */
void near_try(struct near *n, const char *candidate);
