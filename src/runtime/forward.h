/*
 * forward: what the runner does with signals, and with what the witness says of them (relay.h).
 */
#pragma once

#include "runtime/runner_state.h"

/* Read what the witness says. */
void forward_news(struct runner *w);

/* Handle signals, some at a time, so that the witness is heard in between.  Returns the status of the
 * child, or -1 while it runs. */
int forward_signals(struct runner *w);

/*
 * The payload was stopped.  This process stops as well: the caller's shell waits for it, and shows
 * its prompt again.  Later SIGCONT comes to the process group, or is forwarded.  Without a terminal
 * there is no shell that would continue it.
 * SIGCONT discards pending stop signals, signal(7).  What stopped the payload may have come here and
 * to the witness as well, and both take it now: one that the other has lost would count as another.
 * Returns the status of the child, or -1 while it runs.
 */
int forward_stop(struct runner *w);
