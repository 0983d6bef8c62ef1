/*
 * near: which of several words a mistyped one was meant to be.
 * Touches memory only.
 */
#include "util/near.h"

#include <string.h>

#define NEAR_LEN_MAX 32
#define NEAR_SHORT 4 /* letters: with more edits every short word is like another */

static unsigned near_least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to add, leave out, change or swap: the distance of Damerau and Levenshtein, of which three rows suffice. */
static unsigned near_edits(const char *a, size_t n, const char *b, size_t m)
{
	unsigned row[3][NEAR_LEN_MAX + 1];

	for (size_t k = 0; k <= m; k++)
		row[0][k] = (unsigned)k;
	for (size_t i = 1; i <= n; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t k = 1; k <= m; k++) {
			now[k] = near_least(near_least(last[k], now[k - 1]) + 1,
				last[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				now[k] = near_least(now[k], before[k - 2] + 1);
		}
	}
	return row[n % 3][m];
}

struct near near_of(const char *word, size_t len)
{
	return (struct near){
		.word = word, .len = len, .edits = len <= NEAR_SHORT ? 2 : 3, .found = NULL
	};
}

void near_try(struct near *n, const char *candidate)
{
	const size_t m = strlen(candidate);
	unsigned edits;

	if (n->len > NEAR_LEN_MAX || m > NEAR_LEN_MAX || n->len < 2)
		return;
	edits = near_edits(n->word, n->len, candidate, m);
	if (edits < n->edits) {
		n->edits = edits;
		n->found = candidate;
	}
}
