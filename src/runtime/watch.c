/*
 * watch: the runner while the command runs.
 * Called by spawn.c and join.c.
 * Waits for one child, sends signals to it, and stops with it; touches the standard streams.
 */
#include "runtime/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/init.h"
#include "util/fd.h"
#include "util/log.h"

#define WATCH_GRACE_MS \
	10000 /* between the stop signal of a time limit and SIGKILL; Docker's for stop */
#define WATCH_FIRST_FD 3 /* of those that --preserve-fds hands on */

int watch_open_ends(struct watch_ends *ends, const struct plan *p, struct err *e)
{
	int fds[2];

	*ends = (struct watch_ends){ -1, -1, -1, -1 };
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	ends->err_in = fds[0];
	ends->err_out = fds[1];
	if (!p->tty)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_set(e, errno, "make a socket");
	ends->tty_in = fds[0];
	ends->tty_out = fds[1];
	return 0;
}

void watch_close_ends(struct watch_ends *ends)
{
	fd_closep(&ends->err_in);
	fd_closep(&ends->err_out);
	fd_closep(&ends->tty_in);
	fd_closep(&ends->tty_out);
}

static int64_t watch_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * The payload was stopped.  The caller's shell waits for this process, so it stops as well, and the
 * shell has its prompt back; SIGCONT then comes to the process group, or is forwarded.
 * Without a terminal there is no shell that would continue it.
 */
static void watch_stop(struct watch *w)
{
	auto_fd tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (tty < 0)
		return;
	tty_suspend(&w->tty);
	(void)kill(getpid(), SIGSTOP);
	tty_resume(&w->tty);
}

/* From here on the streams are the payload's: when it closes a pipe, the other side must see its
 * end. */
static void watch_leave_streams(const struct watch *w)
{
	auto_fd null = fd_open_nothing(O_RDWR | O_CLOEXEC);

	for (int fd = WATCH_FIRST_FD; fd < WATCH_FIRST_FD + w->p->preserve_fds; fd++)
		(void)close(fd);
	if (null < 0 || w->p->tty)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
}

/* The pipe has a whole struct err or ends: it is smaller than PIPE_BUF, so that it is written at
 * once, pipe(7). */
static void watch_read_err(struct watch *w, struct err *e)
{
	struct err got;

	w->failed = fd_read_full(w->err_in, &got, sizeof(got)) == (ssize_t)sizeof(got);
	w->err_in = -1;
	if (w->failed) {
		*e = got;
		return;
	}
	watch_leave_streams(w);
	if (w->p->timeout)
		w->deadline = watch_now() + (int64_t)w->p->timeout * 1000;
	if (w->events && w->events->lasted)
		w->lasted = watch_now() + w->events->lasted_ms;
	if (w->events && w->events->started)
		w->events->started(w->events->arg, w->child);
}

static void watch_set_signal(struct watch *w, int number)
{
	if (w->events)
		w->events->signal = number;
}

/* What process 1 tells of the payload. */
static void watch_read_news(struct watch *w)
{
	uint64_t news = 0;

	if (w->stopped < 0 || fd_read_full(w->stopped, &news, sizeof(news)) <= 0)
		return;
	if (news >= INIT_SIGNAL)
		watch_set_signal(w, (int)(news / INIT_SIGNAL));
	if (news % INIT_SIGNAL)
		watch_stop(w);
}

/* Returns the status of the child, or -1 while it runs. */
static int watch_reap(struct watch *w)
{
	int status;

	if (waitpid(w->child, &status, WNOHANG | WUNTRACED) != w->child)
		return -1;
	if (WIFSTOPPED(status)) {
		watch_stop(w); /* the payload itself */
		return -1;
	}
	watch_read_news(w);
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	watch_set_signal(w, WTERMSIG(status));
	return EXIT_SIGNAL_BASE + WTERMSIG(status);
}

/* The time is over: the stop signal first, and SIGKILL for what does not heed it. */
static void watch_time(struct watch *w)
{
	bool first = !w->events || !w->events->timed_out;

	if (!w->deadline || watch_now() < w->deadline)
		return;
	if (w->events)
		w->events->timed_out = true;
	if (first)
		log_note("the time limit of %u s is over", w->p->timeout);
	(void)kill(w->child, first ? w->p->stop_signal : SIGKILL);
	w->deadline = first && w->p->stop_signal != SIGKILL ? watch_now() + WATCH_GRACE_MS : 0;
}

static void watch_lasted(struct watch *w)
{
	if (!w->lasted || watch_now() < w->lasted)
		return;
	w->lasted = 0;
	w->events->lasted(w->events->arg);
}

/* For poll(2): until the terminal, the time limit or the caller has something to be done. */
static int watch_timeout(const struct watch *w)
{
	const int64_t at[] = { w->deadline, w->lasted };
	int timeout = tty_timeout(&w->tty);

	for (size_t i = 0; i < 2; i++) {
		int64_t left = at[i] ? at[i] - watch_now() : -1;

		if (!at[i])
			continue;
		left = left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : left;
		if (timeout < 0 || left < timeout)
			timeout = (int)left;
	}
	return timeout;
}

/* Signals, and what they tell.  Returns the status of the child, or -1 while it runs. */
static int watch_signals(struct watch *w)
{
	/* With a terminal of its own the payload is in none of the caller's process groups. */
	unsigned saw = sig_forward(&w->sig, w->child, w->tty.master >= 0);

	if (saw & SIG_SAW_CONTINUE)
		tty_resume(&w->tty);
	if (saw & SIG_SAW_WINDOW)
		tty_resize(&w->tty);
	return saw & SIG_SAW_CHILD ? watch_reap(w) : -1;
}

int watch_wait(struct watch *w, struct err *e)
{
	int status = -1;

	while (status < 0) {
		struct pollfd fds[4 + TTY_POLLS] = {
			{ .fd = w->sig.fd, .events = POLLIN },
			{ .fd = w->stopped, .events = POLLIN },
			{ .fd = w->err_in, .events = POLLIN },
			{ .fd = w->tty_in, .events = POLLIN },
		};

		tty_poll(&w->tty, fds + 4);
		/* all signals are blocked: it ends when there is something to do */
		if (poll(fds, 4 + TTY_POLLS, watch_timeout(w)) == 0)
			tty_tick(&w->tty);
		if (fds[3].revents) {
			tty_begin(&w->tty, w->tty_in);
			w->tty_in = -1;
		}
		if (fds[2].revents)
			watch_read_err(w, e);
		if (fds[1].revents)
			watch_read_news(w);
		tty_copy(&w->tty, fds + 4);
		watch_time(w);
		watch_lasted(w);
		if (fds[0].revents)
			status = watch_signals(w);
	}
	if (w->err_in >= 0)
		watch_read_err(w, e);
	tty_end(&w->tty);
	return w->failed ? -1 : status;
}
