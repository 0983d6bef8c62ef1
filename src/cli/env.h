/*
 * env: variables that the command line asks for.
 */
#ifndef CLI_ENV_H
#define CLI_ENV_H

#include "cli/opts.h"

/* Kinds of option that add to a struct strv: NAME=VALUE, or NAME to be taken from the caller's
 * environment; and a file of such lines, where '#' begins a comment and nothing is quoted. */
opt_kind env_option;
opt_kind env_option_file;

#endif
