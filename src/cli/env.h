/*
 * env: variables and descriptors of the command line.
 */
#pragma once

#include "cli/opts.h"

/* Kinds of option that add to a struct strv: NAME=VALUE, or NAME for the caller's value; and a file
 * of such lines, in which '#' begins a comment and there are no quotes. */
opt_kind env_option;
opt_kind env_option_file;

/* A list of descriptors, "N,N", added to a struct strv. */
opt_kind env_option_fds;
