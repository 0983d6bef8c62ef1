/*
 * door: the socket in runs/ of a run that further processes join.
 *
 * Whoever may open runs/ may join.  A door is made and removed only by a process that has locked its run's
 * entry.
 */
#pragma once

#include "util/err.h"

#define DOOR_FILE_SIZE 24

/* The name of the door's file, by that of the entry. */
void door_file(char file[DOOR_FILE_SIZE], const char *entry);

/* Make it, in the place of one that a killed run has left.  Returns a socket that listens, O_NONBLOCK, or -1
 * with e. */
int door_make(int dir, const char *file, struct err *e);

/* The calling process is the one that listens from now on. */
void door_keep(int door);

/*
 * Connect to the run behind it, which sees when the last descriptor of the connection is closed.  Returns a
 * descriptor, or -1 with errno: ENOENT or ECONNREFUSED if there is no run; EPERM if a process in a sandbox
 * poses as one.
 */
int door_knock(int dir, const char *file);
