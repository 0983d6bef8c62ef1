/*
 * run_opts: the options of `run`.
 */
#pragma once

#include "cli/opts.h"
#include "launch/options.h"
#include "plan/options.h"
#include "store/cache.h"

struct run_args {
	struct run_options options;
	struct launch_options launch;
	struct strv file_env; /* of all --env-file */
	struct cache cache;
	bool dry_run;
};

extern const struct opt run_opts[];
extern const struct run_args run_defaults;

/* opts.check of run_opts: check each value by itself.  args is a struct run_args.  Returns 0, or -1 with e. */
int run_opts_check(const void *args, struct err *e);

/* Check what was read, and open the descriptor of --status-fd.  Returns 0, or -1 with e. */
int run_opts_settle(struct run_args *a, struct arena *arena, struct err *e);
