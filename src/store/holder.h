/*
 * holder: the process that is making something, on a file system without locks (Lustre without
 * -o flock).  It keeps a file KEY.held there.  This only saves work, as the locks of staging.h do:
 * if two processes both take themselves for the holder, the rename that ends an import decides.
 */
#pragma once

#include <stdbool.h>

#define HOLDER_SUFFIX ".held"

/*
 * Become the holder of KEY in parent, or take the place of one that has died.  Returns a descriptor
 * of the file, or -1 with errno (EEXIST: another process is the holder).
 */
int holder_take(int parent, const char *key);

/* The holder calls this from time to time, to show other machines that it is alive. */
void holder_beat(int fd);

void holder_leave(int parent, const char *key);

/* Has the process that holds the file name in parent ended? */
bool holder_is_gone(int parent, const char *name);
