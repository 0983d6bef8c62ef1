/*
 * keeper: process 1 of a sandbox that has no command of its own, but processes that join it: the ranks of a
 * job step on a node.
 *
 * Each connects to a socket, gets the namespaces, and keeps the connection as long as it lives.  The kernel
 * closes it, however the process ends.  The keeper leaves with the last, and the kernel then ends what the
 * others have left behind.  A process that connects while it leaves sees its connection end, and looks for
 * another sandbox.
 */
#pragma once

#include "kernel/id_map.h"
#include "runtime/relay.h"
#include "util/err.h"

struct keeper {
	int door;   /* listens */
	bool mixed; /* for struct join_answer */
	int proc;   /* a procfs */
	struct id_maps maps;
	struct relay *relay; /* what it gets for the command goes to all processes */
};

/*
 * In process 1, in the new root.  All other descriptors are closed when others can join.  Returns -1 with e
 * before that, or does not return.
 */
int keeper_main(const struct keeper *k, struct err *e);

/* Tell all that wait in front of a door why there is no sandbox behind it. */
void keeper_refuse(int door, const struct err *e);
