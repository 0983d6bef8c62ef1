/*
 * probe_steps: the steps of a run, one after the other, in throw-away processes.
 * Starts processes, which make namespaces and mounts in them; writes to nothing that lasts.
 */
#include "doctor/probe_steps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "doctor/probe_binfmt.h"
#include "doctor/probe_optional.h"
#include "kernel/idmap.h"
#include "kernel/namespaces.h"
#include "root/host.h"
#include "root/mask.h"
#include "root/mounts.h"
#include "root/root.h"
#include "runtime/runtime.h"
#include "seccomp/install.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/proc.h"
#include "util/sys.h"

#define PROBE_STEPS_FUSE_MAGIC 0x65735546 /* FUSE_SUPER_MAGIC, statfs(2) */
#define PROBE_STEPS_SECONDS 120 /* for milliseconds of work, on a host that may be very busy */
#define PROBE_STEPS_NOTE_MAX 512

/* What all processes of the chain share. */
struct probe_steps {
	const struct plan *p;
	int rootfs;
	struct probe *list;
	int notes; /* reads what goes to standard error */
};

static int probe_steps_notes(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	(void)dup2(fds[1], STDERR_FILENO);
	(void)close(fds[1]);
	log_set_level(LOG_NORMAL);
	return fds[0];
}

/* What the last step wrote to standard error: the first line, without the program's name. */
static bool probe_steps_note(const struct probe_steps *c, char *buf)
{
	ssize_t n = c->notes < 0 ? -1 : read(c->notes, buf, PROBE_STEPS_NOTE_MAX - 1);
	const char *colon;

	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	colon = strstr(buf, ": ");
	if (colon)
		memmove(buf, colon + 2, strlen(colon + 2) + 1);
	return n > 0;
}

/* The file system of the root tells which way was taken. */
static void probe_steps_overlay(const struct probe_steps *c, const struct root *r)
{
	struct probe *p = &c->list[PROBE_OVERLAY];
	char note[PROBE_STEPS_NOTE_MAX];
	struct statfs fs = { 0 };

	(void)fstatfs(r->fd, &fs);
	if (!probe_steps_note(c, note))
		(void)snprintf(note, sizeof(note), "another way was taken");
	if (fs.f_type == OVERLAYFS_SUPER_MAGIC)
		probe_find(p, PROBE_OK, "the kernel's, xattrs as user.overlay.* (userxattr)");
	else
		probe_find(p, PROBE_MISSING, "%s", note);
	p->stand_in = fs.f_type == PROBE_STEPS_FUSE_MAGIC;
}

/* A newer call, and what sandbox does without it (util/sys.h). */
static const struct {
	const char *name, *instead;
	int number;
} probe_steps_calls[] = {
	{ "open_tree", "mount(2)", SYS_open_tree },
	{ "move_mount", "mount(2)", SYS_move_mount },
	{ "fsopen (Linux 5.2)", "mount(2)", SYS_fsopen },
	{ "pidfd_open (5.3)", "number and time of start", SYS_pidfd_open },
	{ "openat2 (5.6)", "a walk name by name", SYS_openat2 },
	{ "close_range (5.9)", "/proc/self/fd", SYS_close_range },
	{ "mount_setattr (5.12)", "remounting one by one", SYS_mount_setattr },
};

/*
 * The arguments make each of them fail.  Called inside: from a stranger the kernel refuses some
 * with EPERM.
 */
static void probe_steps_call(struct probe *p)
{
	char text[ERR_MSG_MAX];
	size_t len = 0;

	for (size_t i = 0; i < sizeof(probe_steps_calls) / sizeof(probe_steps_calls[0]); i++) {
		if (syscall(probe_steps_calls[i].number, -1, NULL, 0, 0, 0) >= 0 ||
			!sys_is_missing(errno))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s: %s",
			len ? "; " : "not there, and in place of them: ", probe_steps_calls[i].name,
			probe_steps_calls[i].instead);
	}
	if (len)
		probe_find(p, PROBE_MISSING, "%s", text);
	else
		probe_find(p, PROBE_OK, "all that is used, up to mount_setattr of Linux 5.12");
}

/* The plan's mounts one by one. */
static void probe_steps_mounts(const struct probe_steps *c, const struct root *r)
{
	/* 0: not a step */
	static const enum probe_step steps[] = {
		[MOUNT_PROC] = PROBE_PROC,
		[MOUNT_DEV] = PROBE_DEV,
		[MOUNT_DEVPTS] = PROBE_DEVPTS,
		[MOUNT_TMPFS] = PROBE_SHM,
		[MOUNT_MQUEUE] = PROBE_MQUEUE,
		[MOUNT_BIND] = PROBE_SYS,
		[MOUNT_CGROUP] = PROBE_CGROUP_FS,
		[MOUNT_OTHER] = 0,
	};
	char note[PROBE_STEPS_NOTE_MAX];

	for (size_t i = 0; i < c->p->n_mounts; i++) {
		const struct plan_mount *m = &c->p->mounts[i];
		struct probe *p = &c->list[steps[m->kind]];

		if (steps[m->kind] &&
			probe_say(p, mounts_make_one(c->p, r, m, &p->e),
				m->optional ? PROBE_MISSING : PROBE_BROKEN, m->dst) &&
			probe_steps_note(c, note))
			probe_find(p, PROBE_MISSING, "%s", note);
	}
}

/* Process 1 of the sandbox, as init_build() has it. */
static void probe_steps_inside(struct probe_steps *c, const struct host *h)
{
	struct probe *list = c->list, *last = &list[PROBE_ROOT];
	const struct run_resources res = { .rootfs = c->rootfs };
	const bool own_cgroups = c->p->namespaces & CLONE_NEWCGROUP;
	struct root r;
	int ok;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)umask(0);
	c->notes = probe_steps_notes();
	ok = root_make(&r, c->p, &res, h, &list[PROBE_MOUNT].e);
	if (!probe_say(&list[PROBE_MOUNT], ok, PROBE_BROKEN, "a private one, with a tmpfs in it"))
		return;
	probe_steps_overlay(c, &r);
	probe_steps_call(&list[PROBE_CALLS]);
	probe_say(&list[PROBE_OTHERS],
		namespaces_configure(c->p->namespaces, c->p->hostname, NULL, &list[PROBE_OTHERS].e),
		PROBE_BROKEN, own_cgroups ? "ipc, uts, cgroup" : "ipc, uts");
	probe_steps_mounts(c, &r);
	if (!own_cgroups)
		probe_find(&list[PROBE_CGROUP_FS], PROBE_OK, "the host's, of version 1");
	ok = mask_apply(c->p, &r, &last->e) < 0 ? -1 : root_enter(&r, c->p, &last->e);
	probe_say(last, ok, PROBE_BROKEN, "paths of /proc are masked, the host's root is left");
}

/* The namespaces from the outermost on, as runtime_unshare() has it. */
static void probe_steps_chain(void *arg)
{
	struct probe_steps *c = arg;
	struct probe *list = c->list;
	struct host h;
	int ok = host_open(&h, c->rootfs, &list[PROBE_HOST].e);
	pid_t pid;

	if (!probe_say(&list[PROBE_HOST], ok, PROBE_BROKEN, "/proc and /dev/null are there"))
		return;
	if (h.made)
		probe_find(&list[PROBE_HOST], PROBE_MISSING, "no /proc or no /dev/null");
	ok = namespaces_unshare(c->p->namespaces & CLONE_NEWUSER, &list[PROBE_USER].e);
	if (!probe_say(&list[PROBE_USER], ok, PROBE_BROKEN, "one was made"))
		return;
	ok = idmap_write(h.proc, plan_id_maps(c->p), &list[PROBE_MAP].e);
	if (!probe_say(&list[PROBE_MAP], ok, PROBE_BROKEN, "your user and group are root inside"))
		return;
	ok = namespaces_unshare(CLONE_NEWPID, &list[PROBE_PID].e);
	if (!probe_say(&list[PROBE_PID], ok, PROBE_BROKEN, "its first process is process 1"))
		return;
	ok = namespaces_unshare(
		c->p->namespaces & (CLONE_NEWIPC | CLONE_NEWUTS), &list[PROBE_OTHERS].e);
	if (ok < 0) {
		list[PROBE_OTHERS].status = PROBE_BROKEN;
		return;
	}
	pid = fork();
	if (pid == 0) {
		if (getpid() == 1)
			probe_steps_inside(c, &h);
		_exit(0);
	}
	(void)proc_reap(pid);
}

/* The filter needs no namespace. */
static void probe_steps_seccomp(void *arg)
{
	struct probe_steps *c = arg;
	struct probe *p = &c->list[PROBE_SECCOMP];
	int listener, ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
				   ? err_set(&p->e, errno, "set no_new_privs")
				   : seccomp_install(c->p->seccomp, c->p->caps.bounding,
					     c->p->emulate, &listener, &p->e);

	probe_say(p, ok, PROBE_BROKEN, "Docker's default filter was put on");
}

static void probe_steps_run(void *arg)
{
	struct probe_steps *c = arg;
	struct probe *p = &c->list[PROBE_RUN];
	const struct run_resources res = { .rootfs = c->rootfs };
	int status = runtime_run(c->p, &res, &RUNTIME_SUPERVISED, NULL, &p->e);

	/* Only the command was missing: everything before it worked. */
	if (status < 0 && p->e.status == EXIT_NOT_FOUND)
		probe_find(p, PROBE_OK, "a sandbox was made, up to the command");
	else if (status < 0)
		p->status = PROBE_BROKEN;
}

void probe_steps(const struct plan *p, int rootfs, struct probe *list)
{
	struct probe_steps c = { .p = p, .rootfs = rootfs, .list = list, .notes = -1 };

	probe_apart(probe_steps_chain, &c, PROBE_STEPS_SECONDS);
	probe_apart(probe_steps_seccomp, &c, PROBE_STEPS_SECONDS);
	probe_apart(probe_steps_run, &c, 0);
	probe_binfmt(&list[PROBE_BINFMT]);
	probe_optional(p, rootfs, list);
}
