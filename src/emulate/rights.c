/*
 * rights: answers to calls that ids and capabilities decide: capabilities, exec, signals, peers.
 * Reads and writes the memory of the thread that asks; sends signals for it; looks at files that it
 * executes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "emulate/ask.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/number.h"
#include "util/path.h"
#include "util/sys.h"

/* The two halves of three sets, as capget(2) has them. */
struct rights_caps {
	struct {
		uint32_t effective, permitted, inheritable;
	} half[2];
};

/* How many halves a version has; 0: the kernel does not know it. */
static size_t rights_halves(uint32_t version)
{
	return version == _LINUX_CAPABILITY_VERSION_1 ? 1
	       : version == _LINUX_CAPABILITY_VERSION_2 || version == _LINUX_CAPABILITY_VERSION_3
		       ? 2
		       : 0;
}

/* Read the header.  Returns the number of halves if the call is about the thread itself, else 0: the
 * kernel knows what is wrong, or what others have. */
static size_t rights_header(struct ask *a)
{
	struct __user_cap_header_struct head;
	struct target_status s;
	bool own;

	if (target_read(&a->t, a->args[0], &head, sizeof(head)) || !a->args[1])
		return 0;
	if (!head.pid)
		return rights_halves(head.version);
	if (target_status(a->t.proc, a->t.tid, &s))
		return 0;
	own = head.pid == s.inner_tid;
	target_status_done(&s);
	return own ? rights_halves(head.version) : 0;
}

static void rights_capget(struct ask *a)
{
	const struct creds *c = a->now;
	size_t n = c ? rights_header(a) : 0;
	struct rights_caps caps;

	if (!n) {
		a->goes_on = true;
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		caps.half[i].effective = (uint32_t)(c->effective >> (32 * i));
		caps.half[i].permitted = (uint32_t)(c->permitted >> (32 * i));
		caps.half[i].inheritable = (uint32_t)(c->inheritable >> (32 * i));
	}
	(void)ask_fail(a, target_write(&a->t, a->args[1], &caps, n * sizeof(caps.half[0])));
}

/* Before any change the kernel's own sets are the right ones, and a process that gives rights up loses
 * them. */
static void rights_capset(struct ask *a)
{
	size_t n = a->now ? rights_header(a) : 0;
	struct rights_caps caps = { 0 };

	if (!n) {
		a->goes_on = true;
		return;
	}
	if (ask_change(a) ||
		ask_fail(a, target_read(&a->t, a->args[1], &caps, n * sizeof(caps.half[0]))))
		return;
#define WHOLE(set) (caps.half[0].set | (uint64_t)caps.half[1].set << 32)
	(void)ask_fail(a, creds_capset(&a->next, WHOLE(effective), WHOLE(permitted),
				  WHOLE(inheritable) & a->next.bounding));
#undef WHOLE
}

/* PR_CAP_AMBIENT of prctl(2) */
static void rights_ambient(struct ask *a)
{
	uint64_t what = a->args[1], cap = a->args[2];

	if (!a->now) {
		a->goes_on = true;
		return;
	}
	if (a->args[3] || a->args[4] || (what == PR_CAP_AMBIENT_CLEAR_ALL ? cap != 0 : cap > 63)) {
		(void)ask_fail(a, EINVAL);
	} else if (what == PR_CAP_AMBIENT_IS_SET) {
		a->value = a->now->ambient >> cap & 1;
	} else if (!ask_change(a)) {
		if (what == PR_CAP_AMBIENT_RAISE)
			(void)ask_fail(a, creds_ambient_raise(&a->next, (unsigned)cap));
		else if (what == PR_CAP_AMBIENT_LOWER || what == PR_CAP_AMBIENT_CLEAR_ALL)
			creds_ambient_lower(&a->next,
				what == PR_CAP_AMBIENT_LOWER ? UINT64_C(1) << cap : UINT64_MAX);
		else
			(void)ask_fail(a, EINVAL);
	}
}

/* What prctl(2) reads: a process that has changed nothing has none of these bits. */
static void rights_get_securebits(struct ask *a)
{
	a->value = a->now ? a->now->securebits : 0;
}

static void rights_get_keepcaps(struct ask *a)
{
	a->value = a->now && a->now->securebits & SECBIT_KEEP_CAPS;
}

static void rights_get_no_new_privs(struct ask *a)
{
	a->value = a->now && a->now->no_new_privs;
}

static void rights_get_slack(struct ask *a)
{
	a->value = TAGS_BASE;
}

/* A hint to the kernel, which keeps the tag instead. */
static void rights_set_slack(struct ask *a)
{
	a->value = 0;
}

static void rights_set_securebits(struct ask *a)
{
	if (!ask_change(a))
		(void)ask_fail(a, creds_set_securebits(&a->next, a->args[1]));
}

static void rights_set_keepcaps(struct ask *a)
{
	if (!ask_change(a))
		(void)ask_fail(a, creds_keep_caps(&a->next, a->args[1]));
}

static void rights_set_no_new_privs(struct ask *a)
{
	bool valid = a->args[1] == 1 && !a->args[2] && !a->args[3] && !a->args[4];

	if (!ask_change(a) && !ask_fail(a, valid ? 0 : EINVAL))
		a->next.no_new_privs = true;
}

/* The kernel ignores the bits of a script, execve(2); of what is no regular file nothing is executed.
 * All files are the sandbox's one user's, who stands for root. */
static bool rights_file(const struct ask *a, struct creds_file *ret)
{
	bool at = a->call == ASK_EXECVEAT;
	uint64_t text = a->args[at ? 1 : 0];
	int dirfd = at ? (int)a->args[0] : AT_FDCWD;
	char path[PATH_TEXT_MAX], link[32], head[2] = { 0 };
	auto_fd fd = -1, file = -1;
	struct stat st;

	*ret = (struct creds_file){ 0 };
	if (target_read_text(&a->t, text, path, sizeof(path)))
		return false;
	fd = target_open_program(&a->t, dirfd, path, at && a->args[4] & AT_EMPTY_PATH);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (!(st.st_mode & (S_ISUID | S_ISGID)))
		return true;
	file = open(path_of_fd(link, sizeof(link), fd), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (file >= 0 && pread(file, head, sizeof(head), 0) == 2 && memcmp(head, "#!", 2) == 0)
		return true;
	ret->set_uid = st.st_mode & S_ISUID;
	ret->set_gid = (st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP);
	return true;
}

/*
 * The kernel executes, and this process says what comes of the ids.  An exec that fails although the
 * file is there leaves the process with ids that it would have had: its program ends then.
 */
static void rights_exec(struct ask *a)
{
	struct creds_file f;

	a->goes_on = true;
	if ((!a->now && !a->uid) || !rights_file(a, &f) || (!a->now && !f.set_uid && !f.set_gid))
		return;
	if (!ask_change(a))
		creds_exec(&a->next, &f);
}

/* May the thread signal process pid, which proc numbers so? */
static bool rights_may_signal(const struct ask *a, int proc, pid_t pid)
{
	auto_fd slack = tags_open(proc, pid);
	const struct creds *to = tags_creds(a->tags, tags_get(slack));
	const struct creds own = { .uid = { a->uid, a->uid, a->uid, a->uid } };

	/* what has ended is the kernel's to tell */
	return slack < 0 || creds_may_signal(a->now, to ? to : &own);
}

/* The number that a process beside the thread has for itself; process is its directory.  0: it is not beside
 * it. */
static pid_t rights_inner(const struct ask *a, int process, pid_t pid)
{
	struct target_status s;

	if (!target_is_beside(&a->t, process) || target_status(a->t.proc, pid, &s))
		return 0;
	target_status_done(&s);
	return s.inner_tgid;
}

/*
 * kill(-1): all that it may signal, but not process 1 and itself, kill(2).  This process could signal all of
 * the caller's, also those outside.  Returns 0, or an errno.
 */
static int rights_kill_all(const struct ask *a, pid_t own, int number)
{
	int fd = openat(a->t.proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), code = ESRCH;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	uint64_t pid;

	while (dir && (d = readdir(dir))) {
		auto_fd process = -1;
		pid_t inner;

		if (!number_read(d->d_name, strlen(d->d_name), INT32_MAX, &pid))
			continue;
		/* such a directory stands for its process, pidfd_send_signal(2) */
		process = openat(a->t.proc, d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		inner = rights_inner(a, process, (pid_t)pid);
		if (inner <= 1 || inner == own)
			continue;
		if (code == ESRCH)
			code = EPERM;
		if (rights_may_signal(a, a->t.proc, (pid_t)pid) &&
			sys_pidfd_send_signal(process, number) == 0)
			code = 0;
	}
	if (dir)
		(void)closedir(dir);
	else
		fd_closep(&fd);
	return code;
}

/*
 * The kernel takes all for one user.  A process that believes to be another is refused what the kernel
 * would refuse it; a process group is mostly its own.
 */
static void rights_kill(struct ask *a)
{
	int pid = (int)a->args[0], number = (int)a->args[1];
	struct target_status s;
	auto_fd proc = -1;

	a->goes_on = true;
	if (!a->now || creds_can(a->now, CAP_KILL) || (pid <= 0 && pid != -1) || number == SIGCONT)
		return;
	if (pid == -1) {
		if (target_status(a->t.proc, a->t.tid, &s))
			return;
		a->goes_on = false;
		(void)ask_fail(a, rights_kill_all(a, s.inner_tgid, number));
		target_status_done(&s);
		return;
	}
	proc = target_open_proc(&a->t);
	if (proc >= 0 && !rights_may_signal(a, proc, pid)) {
		a->goes_on = false;
		(void)ask_fail(a, EPERM);
	}
}

/* SO_PEERCRED of socket(7) and unix(7): the process at the other end, as it is now. */
static void rights_peer(struct ask *a)
{
	auto_fd fd = -1, slack = -1;
	const struct creds *c;
	struct target_status s;
	struct ucred peer;
	socklen_t len = sizeof(peer), room;

	a->goes_on = true;
	if (a->args[1] != SOL_SOCKET || target_read(&a->t, a->args[4], &room, sizeof(room)) ||
		room < sizeof(peer))
		return;
	fd = target_take_fd(&a->t, (int)a->args[0]);
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 || peer.pid <= 0)
		return;
	slack = tags_open(a->t.proc, peer.pid);
	c = tags_creds(a->tags, tags_get(slack));
	if (!c || target_status(a->t.proc, peer.pid, &s))
		return;
	a->goes_on = false;
	peer = (struct ucred){ s.inner_tgid, c->uid[CREDS_EFFECTIVE], c->gid[CREDS_EFFECTIVE] };
	target_status_done(&s);
	if (!ask_fail(a, target_write(&a->t, a->args[3], &peer, sizeof(peer))))
		(void)ask_fail(a, target_write(&a->t, a->args[4], &len, sizeof(len)));
}

ask_answer *const rights_answers[ASKS] = {
	[ASK_CAPGET] = rights_capget,
	[ASK_CAPSET] = rights_capset,
	[ASK_GET_KEEPCAPS] = rights_get_keepcaps,
	[ASK_SET_KEEPCAPS] = rights_set_keepcaps,
	[ASK_GET_SECUREBITS] = rights_get_securebits,
	[ASK_SET_SECUREBITS] = rights_set_securebits,
	[ASK_GET_NO_NEW_PRIVS] = rights_get_no_new_privs,
	[ASK_SET_NO_NEW_PRIVS] = rights_set_no_new_privs,
	[ASK_GET_TIMERSLACK] = rights_get_slack,
	[ASK_SET_TIMERSLACK] = rights_set_slack,
	[ASK_CAP_AMBIENT] = rights_ambient,
	[ASK_EXECVE] = rights_exec,
	[ASK_EXECVEAT] = rights_exec,
	[ASK_KILL] = rights_kill,
	[ASK_PEERCRED] = rights_peer,
};
