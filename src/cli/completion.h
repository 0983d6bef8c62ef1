/*
 * completion: scripts by which bash and zsh complete verbs, options, files and names.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include <stdio.h>

/* Print the script for shell; -1 if it is neither bash nor zsh. */
int completion_write(const char *shell, FILE *out);

#endif
