/*
 * env: variables that the command line asks for.
 */
#ifndef CLI_ENV_H
#define CLI_ENV_H

#include "util/arena.h"
#include "util/err.h"

/* NAME=VALUE, or NAME to be taken from the caller's environment.  Returns 0, or -1 with e. */
int env_add(struct strv *env, struct arena *a, const char *text, struct err *e);

/* A file of such lines; '#' begins a comment line, nothing is quoted.  Returns 0, or -1 with e. */
int env_add_file(struct strv *env, struct arena *a, const char *path, struct err *e);

#endif
