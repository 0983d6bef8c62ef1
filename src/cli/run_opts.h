/*
 * run_opts: the options of `run`, from argv to struct run_options.
 */
#ifndef CLI_RUN_OPTS_H
#define CLI_RUN_OPTS_H

#include "cli/cli.h"
#include "launch/options.h"
#include "plan/options.h"

/* Everything the command line of `run` can say. */
struct run_args {
	struct globals *globals;
	struct arena *arena;
	struct import_request request;
	struct run_options options;
	struct strv file_env; /* of all --env-file, which -e goes over wherever it stands */
	struct launch_options launch;
	bool dry_run;
};

extern const struct opt run_opts[];

/* Parse; returns the index of IMAGE in argv, or -1 with e. */
int run_args_parse(struct run_args *a, int argc, char **argv, struct err *e);

#endif
