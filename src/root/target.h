/*
 * target: the file or directory in the new root that something is mounted onto.
 * Made where missing, with the parents it lacks.  Each returns a descriptor (O_PATH), or -1 with e.
 */
#ifndef ROOT_TARGET_H
#define ROOT_TARGET_H

#include <stdbool.h>

#include "util/err.h"

/* A directory, through the image's links inside the root; mount targets of the user's choice. */
int target_dir(int rootfd, const char *path, struct err *e);

/* A file of any kind but a directory, in the same way. */
int target_file(int rootfd, const char *path, struct err *e);

/*
 * The same for targets of our own choice, where an image has no say: what has the name and is no
 * directory (a link, a fifo, a file) is taken away from the ephemeral root first.
 */
int target_own_dir(int rootfd, const char *path, struct err *e);

/* And for a regular file; an empty one takes the place of anything but a directory. */
int target_own_file(int rootfd, const char *path, struct err *e);

#endif
