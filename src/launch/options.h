/*
 * launch options: what the command line asks for beside the plan.
 */
#ifndef LAUNCH_OPTIONS_H
#define LAUNCH_OPTIONS_H

#include <stdbool.h>

/* Strings are the caller's.  NULL, -1 where said, or false: not asked for. */
struct launch_options {
	const char *store; /* --store; NULL: where the environment says */
	const char *name;  /* --name */
	const char *log;   /* --log FILE */
	const char *pidfile, *cidfile;
	int status_fd; /* --status-fd, as report_open gave it; or -1 */
	bool detach;   /* --detach */
};

#endif
