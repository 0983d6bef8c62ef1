/*
 * in ids: work on files of subordinate ids, which takes a user namespace that has them.
 * Forks a process that enters such a namespace; the caller's own stays as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/idmap.h"
#include "kernel/newidmap.h"
#include "root/host.h"
#include "runtime/runtime.h"
#include "util/fd.h"

static int as_subids_enter(const struct plan *p, struct err *e)
{
	auto_fd proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct outsider helper;
	int r = newidmap_start(&helper, proc, p, e);

	if (r == 0 && unshare(CLONE_NEWUSER) < 0)
		r = err_set(e, errno, "create a user namespace");
	if (r == 0)
		r = newidmap_write(&helper, e);
	outsider_done(&helper);
	return r;
}

void as_subids_root(void)
{
	struct id_map uid = { 0, geteuid(), 1 }, gid = { 0, getegid(), 1 };
	const struct plan p = {
		.uid_maps = &uid, .gid_maps = &gid, .n_uid_maps = 1, .n_gid_maps = 1
	};
	auto_fd proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct err ignored;

	if (geteuid() != 0 && faccessat(proc, "self/uid_map", W_OK, 0) == 0 &&
		unshare(CLONE_NEWUSER) == 0)
		(void)idmap_write(proc, &p, &ignored);
}

static _Noreturn void as_subids_main(
	const struct plan *p, int (*fn)(void *arg, struct err *e), void *arg, int out)
{
	struct err e = { 0 };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (as_subids_enter(p, &e) == 0)
		(void)fn(arg, &e);
	_exit(fd_write_full(out, &e, sizeof(e)) < 0);
}

int as_subids_run(
	const struct plan *p, int (*fn)(void *arg, struct err *e), void *arg, struct err *e)
{
	struct err got = { 0 };
	auto_fd in = -1;
	bool whole;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	in = fds[0];
	pid = fork();
	if (pid == 0)
		as_subids_main(p, fn, arg, fds[1]);
	(void)close(fds[1]);
	if (pid < 0)
		return err_set(e, errno, "start a process");
	whole = fd_read_full(in, &got, sizeof(got)) == (ssize_t)sizeof(got);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (!whole)
		return err_set(e, 0, "the process with subordinate ids was ended");
	if (!got.msg[0])
		return 0;
	*e = got;
	return -1;
}
