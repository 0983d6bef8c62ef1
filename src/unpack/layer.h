/* layer: turns a blob into entries on a stage, and the stage into a part of the tree. */
#pragma once

#include "unpack/stage.h"
#include "util/digest.h"
#include "util/stream.h"

/* Stage a layer, see layer_job_begin; ret_diff_id gets its digest.  Returns 0, or -1 with e. */
int layer_stage(struct stage *s, struct stream *blob, const char *what, const char *diff_id,
	char ret_diff_id[DIGEST_HEX_MAX + 1], struct err *e);

/* Merge what was staged into the tree.  Returns 0, or -1 with e. */
int layer_merge(struct stage *s, struct err *e);
