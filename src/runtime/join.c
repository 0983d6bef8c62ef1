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
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"

static const struct {
	const char *name;
	int flag;
} join_kinds[JOIN_ALL] = {
	[JOIN_NET] = { "net", CLONE_NEWNET },
	[JOIN_UTS] = { "uts", CLONE_NEWUTS },
	[JOIN_IPC] = { "ipc", CLONE_NEWIPC },
	[JOIN_CGROUP] = { "cgroup", CLONE_NEWCGROUP },
	[JOIN_PID] = { "pid", CLONE_NEWPID },
	[JOIN_MNT] = { "mnt", CLONE_NEWNS },
	[JOIN_USER] = { "user", CLONE_NEWUSER },
};

void join_done(struct join *j)
{
	fd_closep(&j->user);
	fd_closep(&j->inner);
	fd_closep(&j->mnt);
	for (int i = 0; i < JOIN_KINDS; i++)
		fd_closep(&j->other[i]);
	fd_closep(&j->door);
}

int join_open_own(int proc, int kind)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "self/ns/%s", join_kinds[kind].name);
	return openat(proc, path, O_RDONLY | O_CLOEXEC);
}

static int join_open_ns(pid_t pid, int kind)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, join_kinds[kind].name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool join_is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static bool join_is_own(int fd, int kind)
{
	auto_fd own = join_open_ns(getpid(), kind);

	return own >= 0 && join_is_same(own, fd);
}

static void join_close(int fds[JOIN_ALL])
{
	for (int i = 0; i < JOIN_ALL; i++)
		fd_closep(&fds[i]);
}

/* Take the descriptors over.  Returns 0, or -1 with errno. */
static int join_take(struct join *j, int fds[JOIN_ALL])
{
	j->mnt = fds[JOIN_MNT];
	j->inner = fds[JOIN_USER];
	for (int i = 0; i < JOIN_KINDS; i++) {
		j->other[i] = fds[i];
		/*
		 * Only the owner of a namespace may join it, and the host's are not the caller's.
		 */
		if (join_is_own(fds[i], i))
			fd_closep(&j->other[i]);
	}
	j->user = ioctl(j->mnt, NS_GET_USERNS);
	if (j->user < 0)
		return -1;
	if (join_is_same(j->user, j->inner))
		fd_closep(&j->inner);
	/* The caller's own cannot be joined, setns(2): --no-userns. */
	if (join_is_own(j->user, JOIN_USER))
		fd_closep(&j->user);
	return 0;
}

/* Open all that process pid is in.  Returns 0, or -1 with errno. */
static int join_open_all(struct join *j, pid_t pid)
{
	int fds[JOIN_ALL];

	for (int i = 0; i < JOIN_ALL; i++)
		fds[i] = -1;
	for (int i = 0; i < JOIN_ALL; i++) {
		fds[i] = join_open_ns(pid, i);
		if (fds[i] < 0) {
			join_close(fds);
			return -1;
		}
	}
	return join_take(j, fds);
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

/*
 * A sandbox of the caller's: below its own user namespace, with mounts and processes of its own.  Whoever
 * answered has no others to give, unless the caller has them too.
 */
static bool join_is_sandbox(const struct join *j)
{
	auto_fd above = j->user < 0 ? -1 : ioctl(j->user, NS_GET_PARENT);

	return (j->user < 0 || join_is_own(above, JOIN_USER)) && !join_is_own(j->mnt, JOIN_MNT) &&
	       j->other[JOIN_PID] >= 0;
}

/* Wait for the answer.  Returns the number of descriptors, or -1 with errno (0: the keeper has ended). */
static int join_receive(int door, struct join_answer *ret, int fds[JOIN_ALL])
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int) * JOIN_ALL)];
	} control;
	struct iovec data = { ret, sizeof(*ret) };
	struct msghdr m = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t n;

	do
		n = recvmsg(door, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*ret))
		return err_errno(n == 0 || (n < 0 && errno == ECONNRESET) ? 0 : EPROTO);
	if (m.msg_controllen < sizeof(control.header) || control.header.cmsg_type != SCM_RIGHTS)
		return 0;
	n = (ssize_t)((control.header.cmsg_len - CMSG_LEN(0)) / sizeof(int));
	memcpy(fds, CMSG_DATA(&control.header), (size_t)n * sizeof(int));
	return (int)n;
}

int join_ask(struct join *j, int door, bool *ret_mixed, struct err *e)
{
	struct join_answer answer;
	int fds[JOIN_ALL], n;

	*j = JOIN_NONE;
	j->door = door;
	for (int i = 0; i < JOIN_ALL; i++)
		fds[i] = -1;
	n = join_receive(door, &answer, fds);
	if (n < 0 && errno == 0)
		return 1;
	if (n >= 0 && answer.e.msg[0]) {
		join_close(fds);
		*e = answer.e;
		return -1;
	}
	if (n != JOIN_ALL) {
		join_close(fds);
		return err_set(e, n < 0 ? errno : 0, "join the sandbox: it gave a wrong answer");
	}
	*ret_mixed = answer.mixed;
	if (join_take(j, fds) < 0)
		return join_failed(errno, e);
	return join_is_sandbox(j)
		       ? 0
		       : err_set(e, 0, "join the sandbox: it is in another user namespace");
}

/* Its owner may join the rest, setns(2). */
int join_enter_user(const struct join *j, struct err *e)
{
	return j->user >= 0 && setns(j->user, join_kinds[JOIN_USER].flag) < 0
		       ? join_failed(errno, e)
		       : 0;
}

int join_enter(const struct join *j, struct err *e)
{
	for (int i = 0; i < JOIN_KINDS; i++)
		if (j->other[i] >= 0 && setns(j->other[i], join_kinds[i].flag) < 0)
			return err_set(
				e, errno, "join the sandbox's %s namespace", join_kinds[i].name);
	return 0;
}

int join_enter_root(const struct join *j, struct err *e)
{
	if (setns(j->mnt, join_kinds[JOIN_MNT].flag) < 0)
		return err_set(e, errno, "join the sandbox's mount namespace");
	if (j->inner >= 0 && setns(j->inner, join_kinds[JOIN_USER].flag) < 0)
		return err_set(e, errno, "join the command's user namespace");
	return 0;
}
