/*
 * holder: who makes something, on a file system without locks (Lustre without -o flock): a file
 * KEY.held that says so.  A hint that saves work, as the locks of staging.h: where two take
 * themselves for its holder, the rename that ends an import decides.
 */
#ifndef STORE_HOLDER_H
#define STORE_HOLDER_H

#include <stdbool.h>

#define HOLDER_SUFFIX ".held"

/*
 * Become the holder of KEY in parent, also in place of one that has died.  Returns a descriptor of
 * the file, or -1 with errno: EEXIST where another is the holder.
 */
int holder_take(int parent, const char *key);

/* For the holder, from time to time: on other machines, this shows that it lives. */
void holder_beat(int fd);

void holder_leave(int parent, const char *key);

/* Is the holder that the file name in parent stands for gone? */
bool holder_is_gone(int parent, const char *name);

#endif
