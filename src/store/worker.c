/*
 * worker: does work in a child where memory is limited.
 * Forks; removes what a child that has ended left below the folder that it is given.
 */
#include "store/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/staging.h"
#include "util/fd.h"

/* The machine's own memory does not count: it ends a process by a signal. */
static bool worker_is_wanted(void)
{
	static const int kinds[] = { RLIMIT_AS, RLIMIT_DATA };
	struct rlimit limit;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (getrlimit(kinds[i], &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
			return true;
	return false;
}

static _Noreturn void worker_child(const struct worker *w, int out)
{
	struct worker_answer a = { .apart = true };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	a.result = w->fn(w->arg, &a, &a.err);
	(void)fflush(NULL);
	_exit(fd_write_full(out, &a, sizeof(a)) < 0 ? EXIT_SANDBOX : 0);
}

/* Read the answer, and pass on the signal that asks for the end. */
static bool worker_listen(const struct worker *w, pid_t child, int in, struct worker_answer *ret)
{
	ssize_t n;

	while ((n = read(in, ret, sizeof(*ret))) < 0 && errno == EINTR)
		if (w->stop && *w->stop)
			(void)kill(child, *w->stop);
	return n == (ssize_t)sizeof(*ret); /* below PIPE_BUF, so whole or not at all, pipe(7) */
}

static int worker_wait(
	const struct worker *w, pid_t child, int in, struct worker_answer *ret, struct err *e)
{
	const bool answered = worker_listen(w, child, in, ret);
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (answered) {
		*e = ret->err;
		return ret->result;
	}
	staging_sweep(w->parent, w->prefix);
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	return err_set(e, 0, "the process at work was ended by signal %d", WTERMSIG(status));
}

int worker_run(const struct worker *w, struct worker_answer *ret, struct err *e)
{
	int ends[2];
	pid_t child;

	*ret = (struct worker_answer){ .apart = false };
	if (!worker_is_wanted())
		return w->fn(w->arg, ret, e);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, errno, "pipe");
	auto_fd in = ends[0], out = ends[1];
	(void)fflush(NULL); /* the child shall not write it again */
	child = fork();
	if (child < 0)
		return err_set(e, errno, "fork");
	if (child == 0)
		worker_child(w, out);
	fd_closep(&out);
	return worker_wait(w, child, in, ret, e);
}
