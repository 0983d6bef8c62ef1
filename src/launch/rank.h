/*
 * rank: a process that shares a sandbox with others of its group: the ranks of a job step on a node.
 *
 * MPI's shared memory needs one user, pid, ipc and mount namespace for all.  Whichever rank comes first makes
 * a process that keeps them, and is no rank: it stays in the caller's cgroup, session and process group, and
 * ends with the last rank (runtime/keeper.h).  The entry in runs/ decides who is first: its name is made of
 * the group, the image and all options that are not a single process's own.
 */
#pragma once

#include "launch/launch.h"

/*
 * Find or make the sandbox of the group l->options->join, run the plan's command in it, and wait for its end.
 * Where that is not possible, and the user did not ask for it, the run gets a sandbox of its own, with a note.
 * The caller has called own_binary_seal.  Returns as launch_run does.
 */
int rank_run(const struct launch *l, struct err *e);
