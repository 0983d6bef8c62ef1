/*
 * layer_job: one layer of several that are in work at once, each in threads of its own.
 */
#pragma once

#include "unpack/unpack.h"
#include "util/digest.h"
#include "util/stream.h"

struct layer_job;

/*
 * Begin a layer: the bytes of blob, compressed or not, are read, inflated, summed and staged.  what
 * names it in messages.  Where diff_id (hex digits) is not NULL, the uncompressed tar, all of it,
 * must have that sum.  blob, what and diff_id are borrowed until the end, and blob is the thread's
 * alone.
 */
struct layer_job *layer_job_begin(
	struct unpack *u, struct stream *blob, const char *what, const char *diff_id);

/*
 * Merge it into the tree.  Every layer that was begun must be ended, in that order, also after an
 * error: where ending one fails, those that were begun later give up.  ret_diff_id gets the sum.
 * Returns 0, or -1 with e; the tree is of no use then.
 */
int layer_job_end(struct layer_job *p, char ret_diff_id[DIGEST_HEX + 1], struct err *e);

/* Both at once, in this thread. */
int layer_job_run(struct unpack *u, struct stream *blob, const char *what, const char *diff_id,
	char ret_diff_id[DIGEST_HEX + 1], struct err *e);
