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
#include "runtime/forward.h"
#include "runtime/relay.h"
#include "util/fd.h"
#include "util/fd_pass.h"
#include "util/log.h"
#include "util/proc.h"

#define RUNNER_GRACE_MS 10000 /* between the stop signal and SIGKILL, as `docker stop` has it */
#define RUNNER_POLLS 6	      /* beside those of the terminal */
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
	if (w->p->emulate == SECCOMP_EMULATE_IDS &&
		runner_socket(&w->ends.asks_in, &w->ends.asks_out, e) < 0)
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
	fd_closep(&w->ends.asks_out);
	if (caps_drop(w->ends.asks_in >= 0 ? SUPERVISOR_CAPS : 0, e) == 0)
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
	fd_closep(&w->ends.asks_in);
	fd_closep(&w->ends.asks_out);
	supervisor_done(w->supervisor);
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

/* The payload has a filter with a listener, or has ended. */
static void runner_supervise(struct runner *w)
{
	const uint32_t uid = w->p->uid_maps[0].inside, gid = w->p->gid_maps[0].inside;
	int listener = fd_receive(w->ends.asks_in);

	fd_closep(&w->ends.asks_in);
	if (listener < 0)
		return;
	w->supervisor = supervisor_start(listener, w->proc, uid, gid);
	/* The payload of exec may be another user's; it waits for its exec to be answered. */
	if ((w->p->uid != uid || w->p->gid != gid) &&
		(!w->supervisor ||
			supervisor_become(w->supervisor, w->child, w->p->uid, w->p->gid)))
		(void)kill(w->child, SIGKILL);
}

/* Wait for something to do, and do it.  Returns the status of the child, or -1 while it runs. */
static int runner_step(struct runner *w, struct err *e)
{
	struct pollfd fds[RUNNER_POLLS + TTY_POLLS] = {
		{ .fd = w->sig.fd, .events = POLLIN },
		{ .fd = w->ends.relay_in, .events = POLLIN },
		{ .fd = w->ends.err_in, .events = POLLIN },
		{ .fd = w->ends.tty_in, .events = POLLIN },
		{ .fd = w->ends.asks_in, .events = POLLIN },
		{ .fd = supervisor_fd(w->supervisor), .events = POLLIN },
	};
	int status = -1;

	tty_want(&w->tty, fds + RUNNER_POLLS);
	/* all signals are blocked: it ends when there is something to do */
	if (poll(fds, RUNNER_POLLS + TTY_POLLS, runner_timeout(w)) == 0)
		tty_tick(&w->tty);
	if (fds[5].revents)
		supervisor_step(w->supervisor);
	if (fds[4].revents)
		runner_supervise(w);
	if (fds[3].revents) {
		tty_begin(&w->tty, w->ends.tty_in);
		fd_closep(&w->ends.tty_in);
	}
	if (fds[2].revents)
		runner_read_err(w, e);
	if (fds[1].revents)
		forward_news(w);
	if (fds[1].revents & POLLHUP) /* the witness has ended */
		fd_closep(&w->ends.relay_in);
	tty_copy(&w->tty, fds + RUNNER_POLLS);
	runner_time(w);
	runner_lasted(w);
	if (fds[0].revents || w->asked)
		status = forward_signals(w);
	return status < 0 && w->stops ? forward_stop(w) : status;
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
