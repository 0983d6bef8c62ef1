/*
 * options: the options of a run that are not part of the plan.
 */
#pragma once

#include <stdbool.h>

/* The caller owns the strings.  NULL, -1 or false: not given. */
struct launch_options {
	const char *store; /* --store; NULL: the environment decides */
	const char *name;  /* --name */
	const char *log;   /* --log FILE */
	const char *pidfile, *cidfile;
	int status_fd;	  /* from report_open; -1: none */
	bool detach;	  /* --detach */
	const char *join; /* the group whose sandbox is shared; NULL: a sandbox of its own */
	bool join_asked;  /* by --join, not by default */
};
