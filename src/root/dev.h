/*
 * dev: a minimal /dev.
 */
#pragma once

#include "util/err.h"

/*
 * Fill the tmpfs that dev is open on: the nodes in host (the host's /dev), bound one by one and
 * checked by their numbers, the usual links, and directories for further mounts.  A node that the
 * host lacks is left out.  Returns 0, or -1 with e.
 */
int dev_fill(int dev, int host, struct err *e);

/*
 * Make the nodes themselves in the directory that dev is open on, as root can.  Returns 0, or -1
 * with e.
 */
int dev_make_nodes(int dev, struct err *e);
