/* layer_job: one of several layers that are unpacked at once, each in its own threads. */
#pragma once

#include "unpack/unpack.h"
#include "util/digest.h"
#include "util/stream.h"

struct layer_job;

/*
 * Begin to stage the layer in blob, compressed or not.  what names it in messages.  If diff_id (hex
 * digits) is not NULL, the whole uncompressed tar must have that digest.  blob, what and diff_id
 * are borrowed until the end, and only the thread uses blob.
 */
struct layer_job *layer_job_begin(
	struct unpack *u, struct stream *blob, const char *what, const char *diff_id);

/*
 * Merge it into the tree; ret_diff_id gets the digest.  Every layer that was begun must be ended,
 * in the same order, even after an error: if one fails, those begun later give up.  Returns 0, or
 * -1 with e; the tree is useless then.
 */
int layer_job_end(struct layer_job *p, char ret_diff_id[DIGEST_HEX_MAX + 1], struct err *e);

/* Begin and end a layer, in this thread. */
int layer_job_run(struct unpack *u, struct stream *blob, const char *what, const char *diff_id,
	char ret_diff_id[DIGEST_HEX_MAX + 1], struct err *e);
