/*
 * host_program: another program of the host that does a part of the work.
 */
#pragma once

#include <stddef.h>

#include "util/path_max.h"

/*
 * Find a program by its name without '/': in the directories first (which may be NULL), in PATH, in
 * PATH_DEFAULT, because the PATH of a batch job may be short.  Returns 0, or -1 with errno.
 */
int host_program_find(const char *first, const char *name, char path[PATH_TEXT_MAX]);

/*
 * Run words (words[0] is looked for in /usr/bin first) with /dev/null as input, and wait until it
 * ends or goes into the background.  text gets the last line of its output; env NULL is the
 * caller's.  Returns its exit status, or -1 with errno where it cannot be started.
 */
int host_program_run(char *const *words, char *const *env, char *text, size_t size);
