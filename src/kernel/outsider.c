/*
 * outsider: a child that does one thing for the caller and answers once.
 * Starts a process, and waits for its end.
 */
#include "kernel/outsider.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/proc.h"

int outsider_start(struct outsider *a, outsider_main *run, const void *arg, struct err *e)
{
	int go[2], answer[2];

	*a = OUTSIDER_NONE;
	if (pipe2(go, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	a->go = go[1];
	if (pipe2(answer, O_CLOEXEC) < 0) {
		(void)close(go[0]);
		return err_set(e, errno, "make a pipe");
	}
	a->answer = answer[0];
	a->pid = fork();
	if (a->pid == 0)
		run(go[0], answer[1], arg);
	(void)close(go[0]);
	(void)close(answer[1]);
	return a->pid < 0 ? err_set(e, errno, "start a helper process") : 0;
}

_Noreturn void outsider_work(
	int go, int answer, int (*fn)(const void *arg, struct err *e), const void *arg)
{
	struct err e = { 0 };
	char byte;

	if (fd_read_full(go, &byte, 1) != 1)
		_exit(0);
	(void)fn(arg, &e);
	_exit(fd_write_full(answer, &e, sizeof(e)) < 0);
}

int outsider_ask(struct outsider *a, const char *what, struct err *e)
{
	struct err got = { 0 };
	bool whole = fd_write_full(a->go, "g", 1) == 0 &&
		     fd_read_full(a->answer, &got, sizeof(got)) == (ssize_t)sizeof(got);

	fd_closep(&a->answer);
	a->answer = -1;
	if (!whole)
		return err_set(e, 0, "%s has ended", what);
	if (!got.msg[0])
		return 0;
	*e = got;
	return -1;
}

void outsider_done(struct outsider *a)
{
	fd_closep(&a->go);
	fd_closep(&a->answer);
	(void)proc_reap(a->pid);
	*a = OUTSIDER_NONE;
}
