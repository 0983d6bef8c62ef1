/*
 * cgroup_view: where programs look for the limits of this process.
 *
 * A limit holds for all cgroups below the one that has it, but many programs look at their own cgroup
 * alone: OpenJDK before 24, Node, Go.  In a batch job and in a user's session the limit is above it.
 */
#pragma once

#include <stdbool.h>

#include "util/arena.h"

/*
 * Find what is mounted on /sys/fs/cgroup: *ret_v1 is set where limits are those of version 1, be it
 * alone or beside version 2 (systemd's "hybrid").  ret_pairs gets two directories for each limit that
 * is above: the one where a program in a sandbox looks, and the cgroup that has the limit; with
 * version 1 also two files, for programs that look where Docker shows a container's cgroup.  With
 * version 1 the sandbox is expected to see the host's cgroups, with version 2 its own as the root.
 */
void cgroup_view(bool *ret_v1, struct strv *ret_pairs, struct arena *a);
