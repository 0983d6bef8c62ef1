/*
 * limits: how much of the machine a run may take.
 */
#pragma once

#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"
#include "util/word.h"

/*
 * Fill p->rlimits from --ulimit, p->limits from --memory, --cpus, --cpuset-cpus and --pids-limit, and
 * p->oom_score_adj.  Returns 0, or -1 with e.
 */
int limits_read(struct plan *p, const struct run_options *o, struct err *e);

/* Do they go together?  Needs p->limits.  Returns 0, or -1 with e. */
int limits_check(const struct plan *p, const struct run_options *o, struct err *e);

extern const struct word limits_words[]; /* "RLIMIT_NOFILE" ... */
