/*
 * target: the file or directory in the new root that something is mounted onto.
 * It is made if missing, with its parents.  Each function returns a descriptor (O_PATH), or -1 with
 * e.
 */
#pragma once

#include <stdbool.h>

#include "util/err.h"

/* A directory that the user chose; links of the image are followed inside the root. */
int target_dir(int rootfd, const char *path, struct err *e);

/* The same for a file of any kind but a directory. */
int target_file(int rootfd, const char *path, struct err *e);

/*
 * A directory that sandbox chose, where the image has no say: a link, a fifo or a file of that name
 * is removed from the ephemeral root first.
 */
int target_own_dir(int rootfd, const char *path, struct err *e);

/*
 * The same for a regular file.  Of what is there, only a directory is not replaced by an empty
 * file.
 */
int target_own_file(int rootfd, const char *path, struct err *e);
