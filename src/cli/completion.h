/*
 * completion: what bash and zsh need to complete verbs, options, files and names.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include <stdio.h>

/* The script for that shell; -1 where it is neither bash nor zsh. */
int completion_write(const char *shell, FILE *out);

#endif
