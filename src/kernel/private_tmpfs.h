/*
 * private_tmpfs: a place in memory for what has none on the host.
 */
#pragma once

#include "util/err.h"

/*
 * Make an empty directory in memory that only the caller and what it starts see, and that lasts as
 * long as they: the caller gets a mount namespace and, without CAP_SYS_ADMIN, a user namespace with
 * its own ids.  It is mounted on an empty directory of the host that none of the words (the
 * caller's arguments) names.  Returns 0 with its path, or -1 with e.
 */
int private_tmpfs_make(char *const *words, const char **ret_path, struct err *e);
