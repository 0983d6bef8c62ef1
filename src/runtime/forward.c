/*
 * forward: what the runner does with signals, and with what the witness says of them.
 * Sends signals to one child, and stops with it.
 */
#include "runtime/forward.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/relay.h"
#include "util/fd.h"
#include "util/proc.h"

#define FORWARD_BATCH 64     /* signals that are read before anything else is looked at */
#define FORWARD_LOOKS 500    /* at a sender, a millisecond apart */
#define FORWARD_TICKS 2	     /* of processor time; more than any sender needs for all processes */
#define FORWARD_SYNC_MS 1000 /* for a witness, which may itself be stopped */

static void forward_set_signal(struct runner *w, int number)
{
	if (w->events)
		w->events->signal = number;
}

void forward_news(struct runner *w)
{
	struct relay_msg m;

	while (w->ends.relay_in >= 0 && relay_hear(w->ends.relay_in, &m)) {
		if (m.kind == RELAY_HIT)
			sig_send(w->child, &m.hit);
		else if (m.kind == RELAY_STOPPED)
			w->stops = true;
		else if (m.kind == RELAY_SYNC)
			w->syncs = false;
		else if (m.kind == RELAY_ENDED)
			forward_set_signal(w, m.hit.number);
		else
			w->asked = true;
	}
}

/* Returns the status of the child, or -1 while it runs. */
static int forward_reap(struct runner *w)
{
	int status;

	if (waitpid(w->child, &status, WNOHANG | WUNTRACED) != w->child)
		return -1;
	if (WIFSTOPPED(status)) {
		w->stops = true; /* the payload itself */
		return -1;
	}
	forward_news(w);
	if (WIFSIGNALED(status))
		forward_set_signal(w, WTERMSIG(status));
	return proc_exit_status(status);
}

static void forward_pass(struct runner *w, const struct sig_hit *h)
{
	const int relay = w->ends.relay_in;

	if (h->number == SIGCONT) {
		tty_resume(&w->tty);
		relay_wake(w->witness ? w->witness : w->child);
	}
	if (h->number == SIGWINCH) {
		tty_resize(&w->tty);
		if (w->p->tty && h->code == SI_KERNEL)
			return; /* the command's own terminal tells it of its new size */
	}
	sig_barrier(); /* what came here has come to the witness */
	if (relay >= 0)
		relay_say(relay, RELAY_HIT, h);
	else
		sig_send(w->child, h);
}

/*
 * A sender that still runs may be on its way from process to process, see relay.h: let it sleep or
 * end before the witness looks.  One that uses its processor for longer computes something else.
 */
static void forward_let_finish(pid_t sender)
{
	int64_t ticks = sender > 0 ? proc_runs(sender) : -1, first = ticks;

	for (int i = 0; i < FORWARD_LOOKS && ticks >= 0 && ticks - first < FORWARD_TICKS; i++) {
		proc_pause(1);
		ticks = proc_runs(sender);
	}
}

int forward_signals(struct runner *w)
{
	struct sig_hit hits[FORWARD_BATCH];
	bool child = false;
	pid_t sender = 0;
	int n = 0;

	for (; n < FORWARD_BATCH && sig_next(&w->sig, &hits[n]); n++) {
		if (hits[n].number == SIGCHLD)
			child = true;
		else
			sender = hits[n].from;
	}
	forward_let_finish(sender);
	for (int i = 0; i < n; i++)
		if (hits[i].number != SIGCHLD)
			forward_pass(w, &hits[i]);
	if (n < FORWARD_BATCH && w->asked) {
		w->asked = false;
		relay_say(w->ends.relay_in, RELAY_ASK, NULL);
	}
	return child ? forward_reap(w) : -1;
}

/* Wait until the witness has handled all that it was told, and all that had come to it by then. */
static void forward_sync(struct runner *w)
{
	struct pollfd fd = { .fd = w->ends.relay_in, .events = POLLIN };

	w->syncs = fd.fd >= 0;
	if (w->syncs)
		relay_say(fd.fd, RELAY_SYNC, NULL);
	while (w->syncs && poll(&fd, 1, FORWARD_SYNC_MS) > 0 && !(fd.revents & POLLHUP))
		forward_news(w);
}

int forward_stop(struct runner *w)
{
	auto_fd tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int status = -1;

	if (tty >= 0) {
		sig_barrier();
		status = forward_signals(w);
		forward_sync(w);
	}
	w->stops = false;
	if (tty < 0 || status >= 0)
		return status;
	tty_suspend(&w->tty);
	(void)kill(getpid(), SIGSTOP);
	tty_resume(&w->tty);
	return -1;
}
