/*
 * spawn: runs a plan, from the caller's process to the payload's end.
 * Called by cli/.
 * Moves the calling process into new namespaces (but not its mounts), forks pid 1, forwards signals
 * and waits.
 *
 * Three processes: the runner (the caller), init (pid 1 inside, init.c), the payload (payload.c).
 * unshare and fork, not clone: musl's cached thread id goes stale after a raw clone.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/caps.h"
#include "runtime/host.h"
#include "runtime/idmap.h"
#include "runtime/init.h"
#include "runtime/mounts.h"
#include "runtime/ns.h"
#include "runtime/runtime.h"
#include "runtime/sig.h"
#include "util/fd.h"

struct spawn {
	struct sig sig;
	pid_t init;
	int err_in;  /* where a struct err may come from; -1 once the command runs or has failed */
	int stopped; /* eventfd, see init.h */
	bool failed; /* a struct err came */
};

/*
 * The payload was stopped.  The caller's shell waits for this process, so it stops as well, and the
 * shell has its prompt back; SIGCONT then comes to the process group, or is forwarded.
 * Without a terminal there is no shell that would continue it.
 */
static void spawn_stop(void)
{
	auto_fd tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (tty >= 0)
		(void)kill(getpid(), SIGSTOP);
}

/* From here on the streams are the payload's: when it closes a pipe, the other side must see its
 * end. */
static void spawn_leave_streams(void)
{
	auto_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
}

/* The pipe has a whole struct err or ends: it is smaller than PIPE_BUF, so that it is written at
 * once, pipe(7). */
static void spawn_read_err(struct spawn *s, struct err *e)
{
	struct err got;

	s->failed = fd_read_full(s->err_in, &got, sizeof(got)) == (ssize_t)sizeof(got);
	if (s->failed)
		*e = got;
	else
		spawn_leave_streams();
	fd_closep(&s->err_in);
}

/* Returns the status of init, which is the payload's, or -1 while it runs. */
static int spawn_reap(const struct spawn *s)
{
	int status;

	if (waitpid(s->init, &status, WNOHANG | WUNTRACED) != s->init)
		return -1;
	if (WIFSTOPPED(status)) {
		spawn_stop(); /* with --no-init the payload itself */
		return -1;
	}
	return WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

static int spawn_wait(struct spawn *s, struct err *e)
{
	int status = -1;

	while (status < 0) {
		struct pollfd fds[] = {
			{ .fd = s->sig.fd, .events = POLLIN },
			{ .fd = s->stopped, .events = POLLIN },
			{ .fd = s->err_in, .events = POLLIN },
		};
		uint64_t count;

		(void)poll(fds, 3,
			-1); /* all signals are blocked: it ends when there is something to do */
		if (fds[2].revents)
			spawn_read_err(s, e);
		if (fds[1].revents && fd_read_full(s->stopped, &count, sizeof(count)) > 0)
			spawn_stop();
		if (fds[0].revents && sig_forward(&s->sig, s->init, false))
			status = spawn_reap(s);
	}
	if (s->err_in >= 0)
		spawn_read_err(s, e);
	return s->failed ? -1 : status;
}

/* Everything after the namespaces are there.  err_out is closed here once init has it. */
static int spawn_start(
	struct spawn *s, const struct plan *p, const struct host *h, int *err_out, struct err *e)
{
	struct init i = { .p = p,
		.sig = &s->sig,
		.host = h,
		.err_in = s->err_in,
		.err_out = *err_out,
		.stopped = s->stopped };

	if (idmap_write(h->proc, p, e) < 0)
		return -1;
	/*
	 * Nobody may trace or read this process and pid 1, which have rights in the sandbox's
	 * namespaces and descriptors of the host.  After the maps: /proc/self belongs to root from
	 * now on, proc(5).
	 */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_set(e, errno, "protect the runner");
	s->init = fork();
	if (s->init < 0)
		return err_set(e, errno, "start the sandbox");
	if (s->init == 0)
		init_main(&i);
	fd_closep(err_out);
	if (caps_drop(0, e) < 0) {
		(void)kill(s->init, SIGKILL);
		(void)waitpid(s->init, NULL, 0);
		return -1;
	}
	return spawn_wait(s, e);
}

static void spawn_close_host(struct host *h)
{
	if (h->made)
		fd_closep(&h->dir);
	fd_closep(&h->proc);
}

int runtime_run(const struct plan *p, int rootfs_fd, struct err *e)
{
	__attribute__((cleanup(spawn_close_host))) struct host h = { .proc = -1 };
	struct spawn s = { .err_in = -1, .stopped = -1 };
	int pipe_fds[2], status = -1;
	auto_fd err_in = -1, err_out = -1, stopped = -1;

	if (fd_fill_std() < 0)
		return err_set(e, errno, "open /dev/null");
	if (mounts_check_sources(p, e) < 0)
		return -1;
	if (host_open(&h, rootfs_fd, e) < 0)
		return -1;
	stopped = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stopped < 0 || pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	err_in = pipe_fds[0];
	err_out = pipe_fds[1];
	s.err_in = err_in;
	s.stopped = stopped;
	if (sig_hold(&s.sig, e) < 0)
		return -1;
	if (ns_unshare(p, e) == 0) {
		status = spawn_start(&s, p, &h, &err_out, e);
		if (s.err_in < 0)
			err_in = -1; /* closed when it was read */
	}
	sig_release(&s.sig);
	fd_closep(&s.sig.fd);
	return status;
}
