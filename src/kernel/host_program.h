/*
 * host_program: another program of the host that does a part of the work.
 */
#ifndef KERNEL_HOST_PROGRAM_H
#define KERNEL_HOST_PROGRAM_H

#include <stddef.h>

#include "util/path_max.h"

/*
 * The path of a program, a name without '/': in the directories first (NULL: none), in PATH, or where programs usually
 * are, as a batch job's PATH may lack that.  Returns 0, or -1 with errno.
 */
int host_program_find(const char *first, const char *name, char path[PATH_TEXT_MAX]);

/*
 * Run words (words[0] is looked for in /usr/bin first) with its input from /dev/null, and
 * wait for its end, or for it to go into the background.  What it says comes into text, the last
 * line of it; env may be NULL for the caller's.  Returns its exit status, or -1 with errno where it
 * cannot be started.
 */
int host_program_run(char *const *words, char *const *env, char *text, size_t size);

#endif
