/*
 * pty: a terminal of the sandbox's own devpts.
 * It is made inside; its master goes to the runner (tty.h) or to a socket of the caller's.
 */
#pragma once

#include "plan/plan.h"
#include "root/root.h"
#include "util/err.h"

/*
 * Make a terminal in the devpts at dev/pts below rootfd, with the window size of the first standard
 * stream that is a terminal, and send its master through socket.  Returns the slave, or -1 with e.
 */
int pty_make(int rootfd, const struct plan *p, int socket, struct err *e);

/* Show slave as /dev/console in the new root, before the pivot.  Returns 0, or -1 with e. */
int pty_console(const struct root *r, int slave, struct err *e);

/*
 * Give the calling process a session of its own, with slave as its terminal and standard streams.
 * Returns 0, or -1 with e.
 */
int pty_adopt(int slave, struct err *e);
