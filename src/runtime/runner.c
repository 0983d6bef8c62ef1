/*
 * runner: the caller's process while the command runs.
 * Waits for one child, sends signals to it, and stops with it; touches the standard streams.
 */
#include "runtime/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/caps.h"
#include "kernel/rlimit.h"
#include "runtime/relay.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/proc.h"

#define RUNNER_GRACE_MS 10000 /* between the stop signal and SIGKILL, as `docker stop` has it */
#define RUNNER_BATCH 64	      /* signals that are read before anything else is looked at */
#define RUNNER_LOOKS 500      /* at a sender, a millisecond apart */
#define RUNNER_TICKS 2	      /* of processor time; more than any sender needs for all processes */
#define RUNNER_SYNC_MS 1000   /* for a witness, which may itself be stopped */
#define RUNNER_FIRST_FD 3     /* of those that --preserve-fds hands on */

static int runner_socket(int *ret_in, int *ret_out, struct err *e)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_set(e, errno, "make a socket");
	*ret_in = fds[0];
	*ret_out = fds[1];
	return 0;
}

int runner_open(struct runner *w, bool relay, bool tty, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	w->ends.err_in = fds[0];
	w->ends.err_out = fds[1];
	if (relay && runner_socket(&w->ends.relay_in, &w->ends.relay_out, e) < 0)
		return -1;
	return tty ? runner_socket(&w->ends.tty_in, &w->ends.tty_out, e) : 0;
}

int runner_hold(struct runner *w, struct err *e)
{
	for (size_t i = 0; i < w->p->n_rlimits; i++)
		rlimit_allow(w->p->rlimits[i].resource, w->p->rlimits[i].hard);
	if (sig_hold(&w->sig, e) < 0)
		return -1;
	w->holds = true;
	if (w->alone && w->ends.relay_in >= 0) {
		w->witness = relay_fork(w->ends.relay_out, &w->sig, w->p->tty);
		if (w->witness < 0)
			return err_set(e, errno, "start a process that watches for signals");
		fd_closep(&w->ends.relay_out);
	}
	return w->ends.tty_in < 0 ? 0 : tty_prepare(&w->tty, w->p->tty_input, e);
}

pid_t runner_fork(struct runner *w)
{
	if (w->witness)
		w->asked = relay_begin(w->ends.relay_in);
	w->child = fork();
	return w->child;
}

int runner_begin(struct runner *w, struct err *e)
{
	fd_closep(&w->ends.err_out);
	fd_closep(&w->ends.relay_out);
	fd_closep(&w->ends.tty_out);
	if (caps_drop(0, e) == 0)
		return 0;
	(void)kill(w->child, SIGKILL);
	(void)proc_reap(w->child);
	return -1;
}

void runner_release(struct runner *w)
{
	if (w->holds)
		sig_release(&w->sig);
	w->holds = false;
}

void runner_done(struct runner *w)
{
	tty_end(&w->tty);
	runner_release(w);
	fd_closep(&w->sig.fd);
	fd_closep(&w->ends.err_in);
	fd_closep(&w->ends.err_out);
	fd_closep(&w->ends.relay_in);
	fd_closep(&w->ends.relay_out);
	if (w->witness > 0)
		(void)waitpid(w->witness, NULL, 0);
	fd_closep(&w->ends.tty_in);
	fd_closep(&w->ends.tty_out);
}

/*
 * From here on the streams belong to the payload: if it closes a pipe, the other side must see the
 * end.
 */
static void runner_leave_streams(const struct runner *w)
{
	auto_fd null = fd_open_nothing(O_RDWR | O_CLOEXEC);
	int fds[PLAN_FDS_MAX];

	for (size_t n = plan_fds(w->p, fds); n > 0; n--)
		(void)close(fds[n - 1]);
	for (int fd = RUNNER_FIRST_FD; fd < RUNNER_FIRST_FD + w->p->preserve_fds; fd++)
		(void)close(fd);
	if (null < 0 || w->p->tty)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
}

/*
 * A whole struct err comes, or the end of the pipe: it is smaller than PIPE_BUF, so that the kernel
 * writes it at once, pipe(7).
 */
void runner_read_err(struct runner *w, struct err *e)
{
	struct err got;
	bool whole = fd_read_full(w->ends.err_in, &got, sizeof(got)) == (ssize_t)sizeof(got);

	if (whole && !got.msg[0]) {
		w->ready = true;
		return;
	}
	fd_closep(&w->ends.err_in);
	w->failed = whole || (w->gated && !w->ready);
	if (whole)
		*e = got;
	else if (w->failed)
		(void)err_set(e, 0, "the sandbox was ended before its command could start");
	if (w->failed)
		return;
	runner_leave_streams(w);
	if (w->p->timeout)
		w->deadline = proc_clock() + (int64_t)w->p->timeout * 1000;
	if (w->events && w->events->lasted)
		w->lasted = proc_clock() + w->events->lasted_ms;
	if (w->events && w->events->started)
		w->events->started(w->events->arg, w->child);
}

static void runner_set_signal(struct runner *w, int number)
{
	if (w->events)
		w->events->signal = number;
}

/* Read what the witness says. */
static void runner_read_news(struct runner *w)
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
			runner_set_signal(w, m.hit.number);
		else
			w->asked = true;
	}
}

/* Returns the status of the child, or -1 while it runs. */
static int runner_reap(struct runner *w)
{
	int status;

	if (waitpid(w->child, &status, WNOHANG | WUNTRACED) != w->child)
		return -1;
	if (WIFSTOPPED(status)) {
		w->stops = true; /* the payload itself */
		return -1;
	}
	runner_read_news(w);
	if (WIFSIGNALED(status))
		runner_set_signal(w, WTERMSIG(status));
	return proc_exit_status(status);
}

/* The time limit: the stop signal comes first, then SIGKILL if the payload ignores it. */
static void runner_time(struct runner *w)
{
	bool first = !w->events || !w->events->timed_out;

	if (!w->deadline || proc_clock() < w->deadline)
		return;
	if (w->events)
		w->events->timed_out = true;
	if (first)
		log_note("the time limit of %u s is over", w->p->timeout);
	(void)kill(w->child, first ? w->p->stop_signal : SIGKILL);
	w->deadline = first && w->p->stop_signal != SIGKILL ? proc_clock() + RUNNER_GRACE_MS : 0;
}

static void runner_lasted(struct runner *w)
{
	if (!w->lasted || proc_clock() < w->lasted)
		return;
	w->lasted = 0;
	w->events->lasted(w->events->arg);
}

/* For poll(2): milliseconds until the terminal, the time limit or the caller needs something. */
static int runner_timeout(const struct runner *w)
{
	const int64_t at[] = { w->deadline, w->lasted };
	int timeout = tty_timeout(&w->tty);

	for (size_t i = 0; i < 2; i++) {
		int64_t left = at[i] ? at[i] - proc_clock() : -1;

		if (!at[i])
			continue;
		left = left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : left;
		if (timeout < 0 || left < timeout)
			timeout = (int)left;
	}
	return timeout;
}

static void runner_pass(struct runner *w, const struct sig_hit *h)
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
static void runner_let_finish(pid_t sender)
{
	int64_t ticks = sender > 0 ? proc_runs(sender) : -1, first = ticks;

	for (int i = 0; i < RUNNER_LOOKS && ticks >= 0 && ticks - first < RUNNER_TICKS; i++) {
		proc_pause(1);
		ticks = proc_runs(sender);
	}
}

/* Handle signals, some at a time, so that the witness is heard in between.  Returns the status of the
 * child, or -1 while it runs. */
static int runner_signals(struct runner *w)
{
	struct sig_hit hits[RUNNER_BATCH];
	bool child = false;
	pid_t sender = 0;
	int n = 0;

	for (; n < RUNNER_BATCH && sig_next(&w->sig, &hits[n]); n++) {
		if (hits[n].number == SIGCHLD)
			child = true;
		else
			sender = hits[n].from;
	}
	runner_let_finish(sender);
	for (int i = 0; i < n; i++)
		if (hits[i].number != SIGCHLD)
			runner_pass(w, &hits[i]);
	if (n < RUNNER_BATCH && w->asked) {
		w->asked = false;
		relay_say(w->ends.relay_in, RELAY_ASK, NULL);
	}
	return child ? runner_reap(w) : -1;
}

/* Wait until the witness has handled all that it was told, and all that had come to it by then. */
static void runner_sync(struct runner *w)
{
	struct pollfd fd = { .fd = w->ends.relay_in, .events = POLLIN };

	w->syncs = fd.fd >= 0;
	if (w->syncs)
		relay_say(fd.fd, RELAY_SYNC, NULL);
	while (w->syncs && poll(&fd, 1, RUNNER_SYNC_MS) > 0 && !(fd.revents & POLLHUP))
		runner_read_news(w);
}

/*
 * The payload was stopped.  This process stops as well: the caller's shell waits for it, and shows
 * its prompt again.  Later SIGCONT comes to the process group, or is forwarded.  Without a terminal
 * there is no shell that would continue it.
 * SIGCONT discards pending stop signals, signal(7).  What stopped the payload may have come here and
 * to the witness as well, and both take it now: one that the other has lost would count as another.
 * Returns the status of the child, or -1 while it runs.
 */
static int runner_stop(struct runner *w)
{
	auto_fd tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int status = -1;

	if (tty >= 0) {
		sig_barrier();
		status = runner_signals(w);
		runner_sync(w);
	}
	w->stops = false;
	if (tty < 0 || status >= 0)
		return status;
	tty_suspend(&w->tty);
	(void)kill(getpid(), SIGSTOP);
	tty_resume(&w->tty);
	return -1;
}

/* Wait for something to do, and do it.  Returns the status of the child, or -1 while it runs. */
static int runner_step(struct runner *w, struct err *e)
{
	struct pollfd fds[4 + TTY_POLLS] = {
		{ .fd = w->sig.fd, .events = POLLIN },
		{ .fd = w->ends.relay_in, .events = POLLIN },
		{ .fd = w->ends.err_in, .events = POLLIN },
		{ .fd = w->ends.tty_in, .events = POLLIN },
	};
	int status = -1;

	tty_want(&w->tty, fds + 4);
	/* all signals are blocked: it ends when there is something to do */
	if (poll(fds, 4 + TTY_POLLS, runner_timeout(w)) == 0)
		tty_tick(&w->tty);
	if (fds[3].revents) {
		tty_begin(&w->tty, w->ends.tty_in);
		fd_closep(&w->ends.tty_in);
	}
	if (fds[2].revents)
		runner_read_err(w, e);
	if (fds[1].revents)
		runner_read_news(w);
	if (fds[1].revents & POLLHUP) /* the witness has ended */
		fd_closep(&w->ends.relay_in);
	tty_copy(&w->tty, fds + 4);
	runner_time(w);
	runner_lasted(w);
	if (fds[0].revents || w->asked)
		status = runner_signals(w);
	return status < 0 && w->stops ? runner_stop(w) : status;
}

int runner_await(struct runner *w, struct err *e)
{
	int status = -1;

	while (status < 0 && !w->ready)
		status = runner_step(w, e);
	if (status < 0)
		return 0;
	if (w->ends.err_in >= 0)
		runner_read_err(w, e);
	return w->failed ? -1
			 : err_set(e, 0, "the sandbox was ended before its command could start");
}

int runner_wait(struct runner *w, struct err *e)
{
	int status = -1;

	while (status < 0)
		status = runner_step(w, e);
	if (w->ends.err_in >= 0)
		runner_read_err(w, e);
	tty_end(&w->tty);
	return w->failed ? -1 : status;
}
