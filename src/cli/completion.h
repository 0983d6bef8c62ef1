/*
 * completion: scripts by which bash and zsh complete verbs, options, files and names.
 */
#pragma once

#include <stdio.h>

/* Print the script for shell; -1 if it is neither bash nor zsh. */
int completion_write(const char *shell, FILE *out);
