/*
 * group: the ranks of a job step on this node, which share a sandbox.
 */
#pragma once

#include "util/arena.h"

/*
 * What the environment and the launcher of this process tell of all of them, and of those of no other step;
 * rank is a variable that this one has for itself, or NULL.  Returns NULL where nothing does; the text is a's.
 */
const char *group_of_step(const char *rank, struct arena *a);

/*
 * A variable for ranks in sandboxes apart.  Open MPI takes a segment whose maker has its own process number
 * for its own, and the numbers in two sandboxes are the same, so that it crashes at the first message: without
 * its shared memory (vader in Open MPI 4, sm in 5) ranks talk by TCP.
 */
#define GROUP_BTL "OMPI_MCA_btl"
#define GROUP_BTL_APART "^vader,sm"

/* Add it to the variables of a rank that has not all others of its node with it, unless it is there.  env is
 * NULL-terminated; the result is a's. */
char **group_apart(char **env, struct arena *a);
