/*
 * manual: sandbox(1) and the shells' completion, written from the verbs' own tables.
 */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include <stdio.h>

/* The man page, in the macros of man(7). */
void manual_write(FILE *out);

/* A completion script for shell, "bash" or "zsh".  Returns 0, or -1 for another shell. */
int completion_write(const char *shell, FILE *out);

#endif
