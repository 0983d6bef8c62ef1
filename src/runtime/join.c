/*
 * join: the namespaces of a live sandbox.
 * Reads the host's /proc; changes the namespaces of the calling process.
 *
 * The payload's namespaces are taken: process 1 and the runner are protected from everybody.
 */
#include "runtime/join.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"

static const struct {
	const char *name;
	int flag;
} join_kinds[JOIN_KINDS] = {
	[JOIN_NET] = { "net", CLONE_NEWNET },
	[JOIN_UTS] = { "uts", CLONE_NEWUTS },
	[JOIN_IPC] = { "ipc", CLONE_NEWIPC },
	[JOIN_CGROUP] = { "cgroup", CLONE_NEWCGROUP },
	[JOIN_PID] = { "pid", CLONE_NEWPID },
};

void join_done(struct join *j)
{
	fd_closep(&j->user);
	fd_closep(&j->inner);
	fd_closep(&j->mnt);
	for (int i = 0; i < JOIN_KINDS; i++)
		fd_closep(&j->other[i]);
}

static int join_open_ns(pid_t pid, const char *name)
{
	char path[64];

	if (pid)
		(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, name);
	else
		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool join_is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Open all that process pid is in.  Returns 0, or -1 with errno. */
static int join_open_all(struct join *j, pid_t pid)
{
	auto_fd own = -1;

	j->mnt = join_open_ns(pid, "mnt");
	j->inner = join_open_ns(pid, "user");
	if (j->mnt < 0 || j->inner < 0)
		return -1;
	for (int i = 0; i < JOIN_KINDS; i++) {
		fd_closep(&own);
		own = join_open_ns(0, join_kinds[i].name);
		j->other[i] = join_open_ns(pid, join_kinds[i].name);
		if (j->other[i] < 0)
			return -1;
		/*
		 * Only the owner of a namespace may join it, and the host's are not the caller's.
		 */
		if (own >= 0 && join_is_same(own, j->other[i]))
			fd_closep(&j->other[i]);
	}
	j->user = ioctl(j->mnt, NS_GET_USERNS);
	if (j->user < 0)
		return -1;
	if (join_is_same(j->user, j->inner))
		fd_closep(&j->inner);
	/* The caller's own cannot be joined, setns(2): --no-userns. */
	fd_closep(&own);
	own = join_open_ns(0, "user");
	if (own >= 0 && join_is_same(own, j->user))
		fd_closep(&j->user);
	return 0;
}

static int join_failed(int code, struct err *e)
{
	(void)err_set(e, code, "join the sandbox");
	if (code == ENOENT || code == ESRCH)
		return err_hint(e, "it has just ended");
	if (code == EACCES || code == EPERM)
		return err_hint(e,
			"it belongs to another user or user namespace, or its command is protected from other processes");
	return -1;
}

int join_open(struct join *j, const struct plan *p, const struct proc *init, struct err *e)
{
	/* The payload is the oldest child: orphans are added behind it. */
	pid_t from = p->no_init ? init->pid : proc_first_child(init->pid);

	*j = JOIN_NONE;
	if (from <= 0)
		return join_failed(from == 0 ? ESRCH : errno, e);
	if (join_open_all(j, from) < 0)
		return join_failed(errno, e);
	/* Was it the same process all the time?  Numbers are used again. */
	if (proc_signal(init, 0) < 0 || (!p->no_init && proc_first_child(init->pid) != from))
		return join_failed(ESRCH, e);
	j->payload = from;
	return 0;
}

int join_enter(const struct join *j, struct err *e)
{
	/* First the user namespace, whose owner may join the rest, setns(2). */
	if (j->user >= 0 && setns(j->user, CLONE_NEWUSER) < 0)
		return join_failed(errno, e);
	for (int i = 0; i < JOIN_KINDS; i++)
		if (j->other[i] >= 0 && setns(j->other[i], join_kinds[i].flag) < 0)
			return err_set(
				e, errno, "join the sandbox's %s namespace", join_kinds[i].name);
	return 0;
}

int join_enter_root(const struct join *j, struct err *e)
{
	if (setns(j->mnt, CLONE_NEWNS) < 0)
		return err_set(e, errno, "join the sandbox's mount namespace");
	if (j->inner >= 0 && setns(j->inner, CLONE_NEWUSER) < 0)
		return err_set(e, errno, "join the command's user namespace");
	return 0;
}
