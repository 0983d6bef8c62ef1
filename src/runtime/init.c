/*
 * init: pid 1 of the sandbox.
 * Called by spawn.c in the child that it forks.
 * Makes the mount namespace and everything in it; waits for all processes of the pid namespace.
 */
#include "runtime/init.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/caps.h"
#include "runtime/mask.h"
#include "runtime/mounts.h"
#include "runtime/ns.h"
#include "runtime/payload.h"
#include "runtime/root.h"
#include "util/fd.h"

static _Noreturn void init_fail(const struct init *i, const struct err *e)
{
	(void)fd_write_full(
		i->err_out, e, sizeof(*e)); /* where nobody reads it, nobody is left to be told */
	_exit(EXIT_SANDBOX);
}

/*
 * Die with the runner, however it dies.  The death signal is sent on a death after this call only,
 * prctl(2); for one before it, the pipe that nobody reads any more shows POLLERR.
 */
static void init_tie_to_runner(const struct init *i)
{
	struct pollfd gone = { .fd = i->err_out };

	(void)close(i->err_in);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* fails for a bad signal number only */
	if (poll(&gone, 1, 0) == 1 && gone.revents & POLLERR)
		_exit(EXIT_SANDBOX);
}

static int init_build(const struct init *i, struct err *e)
{
	struct root r;

	(void)umask(0); /* modes of what is made for mounts are exact */
	if (root_make(&r, i->p, i->host, e) < 0 || ns_configure(i->p, e) < 0 ||
		mounts_make(i->p, &r, e) < 0 || mask_apply(i->p, &r, e) < 0)
		return -1;
	return root_enter(&r, i->p, e);
}

static int init_status(int status)
{
	return WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Take note of every child that changed state: orphans come to pid 1, pid_namespaces(7). */
static void init_reap(const struct init *i, pid_t payload)
{
	static const uint64_t one = 1;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != payload)
			continue;
		if (!WIFSTOPPED(status))
			_exit(init_status(status));
		/* pid 1 cannot be stopped from inside, so it is the runner that stops, for the
		 * caller's shell to see. */
		(void)fd_write_full(i->stopped, &one, sizeof(one));
	}
	if (pid < 0 && errno == ECHILD)
		_exit(EXIT_SANDBOX); /* the payload is our child and cannot vanish: never reached */
}

static _Noreturn void init_wait(const struct init *i, pid_t payload)
{
	const int low = i->sig->fd < i->stopped ? i->sig->fd : i->stopped;
	const int high = i->sig->fd < i->stopped ? i->stopped : i->sig->fd;
	struct pollfd ready = { .fd = i->sig->fd, .events = POLLIN };
	bool first = true;
	struct err ignored;

	/* Standard streams, too: a pipe must end when the payload closes its end. */
	fd_close_from(0, (int[]){ low, high }, 2);
	(void)caps_drop(UINT64_C(1) << CAP_KILL, &ignored); /* the payload may have another uid */
	for (;;) {
		/*
		 * What came from the terminal before the payload was there has reached nobody else,
		 * so on the first round everything is sent on.
		 */
		if (sig_forward(i->sig, payload, first))
			init_reap(i, payload);
		first = false;
		(void)poll(&ready, 1,
			-1); /* all signals are blocked: it ends when there is something to do */
	}
}

_Noreturn void init_main(const struct init *i)
{
	struct payload w = {
		.p = i->p, .sig = i->sig, .proc = i->host->proc, .err_out = i->err_out
	};
	struct err e;
	pid_t pid;

	init_tie_to_runner(i);
	if (init_build(i, &e) < 0)
		init_fail(i, &e);
	if (i->p->no_init)
		payload_main(&w);
	pid = fork();
	if (pid < 0) {
		(void)err_set(&e, errno, "start the payload");
		init_fail(i, &e);
	}
	if (pid == 0)
		payload_main(&w);
	init_wait(i, pid);
}
