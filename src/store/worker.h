/*
 * worker: work that may use up the memory, where memory is limited: in a child.
 *
 * A process that has no memory left ends at once (arena.h), in the midst of its work.  Whoever waits
 * for it can remove what it leaves.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "unpack/unpack.h"
#include "util/digest.h"
#include "util/err.h"

/* What the work tells: plain data, which goes through a pipe. */
struct worker_answer {
	bool apart; /* a child has done it */
	int result;
	struct err err;
	char id[DIGEST_HEX + 1]; /* of the image that the store now has */
	struct unpack_stats stats;
};

struct worker {
	int (*fn)(void *arg, struct worker_answer *a, struct err *e); /* cleans up after itself */
	void *arg;
	int parent; /* where it makes folders by staging_new, and how their names begin */
	const char *prefix;
	const volatile sig_atomic_t *stop; /* a signal to pass on; may be NULL */
};

/*
 * Call fn; in a child, and wait for it, if `ulimit -v` or `ulimit -d` limits the memory.  Returns what fn
 * returned, or -1 with e.  Where the child could only say that it is out of memory, this process ends
 * like it, once what is left is removed.
 */
int worker_run(const struct worker *w, struct worker_answer *ret, struct err *e);
