/*
 * probe_optional: what only some runs need.
 * Starts processes, which make namespaces, a cgroup and pasta's network; all of it goes with them.
 */
#include "doctor/probe_optional.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/cgroup.h"
#include "kernel/host_program.h"
#include "kernel/idmap.h"
#include "kernel/mnt.h"
#include "kernel/namespaces.h"
#include "root/fuse_overlayfs.h"
#include "root/host.h"
#include "runtime/network.h"
#include "seccomp/install.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/sys.h"

#define PROBE_OPTIONAL_SECONDS 120
#define PROBE_OPTIONAL_TEXT_MAX 200
#define PROBE_OPTIONAL_FILE_MAX (1u << 20)
#define PROBE_OPTIONAL_FUSE_OPTIONS "fd=%d,rootmode=40000,user_id=0,group_id=0"

struct probe_optional {
	const struct plan *p;
	int rootfs;
	struct probe *list;
};

static void probe_optional_notify(void *arg)
{
	struct probe *p = &((const struct probe_optional *)arg)->list[PROBE_NOTIFY];

	probe_say(p, seccomp_can_notify(&p->e), PROBE_MISSING, "a filter can ask another process");
}

/* Enter namespaces of the flags, with the caller's own ids mapped.  Returns 0, or -1 with e. */
static int probe_optional_enter(
	const struct probe_optional *x, unsigned flags, struct host *h, struct err *e)
{
	return host_open(h, x->rootfs, e) < 0 || namespaces_unshare(CLONE_NEWUSER | flags, e) < 0
		       ? -1
		       : idmap_write(h->proc, plan_id_maps(x->p), e);
}

static void probe_optional_network(void *arg)
{
	const struct probe_optional *x = arg;
	struct probe *p = &x->list[PROBE_NETWORK];
	struct host h;
	int r = probe_optional_enter(x, CLONE_NEWNET, &h, &p->e);

	probe_say(
		p, r < 0 ? -1 : namespaces_loopback(&p->e), PROBE_MISSING, "with its loopback up");
}

static void probe_optional_pasta(void *arg)
{
	const struct probe_optional *x = arg;
	struct probe *p = &x->list[PROBE_PASTA];
	struct outsider a;
	struct host h;
	int r;

	r = network_start(&a, NULL, &p->e);
	if (r == 0)
		r = probe_optional_enter(x, CLONE_NEWNET, &h, &p->e);
	if (r == 0)
		r = network_connect(&a, &p->e);
	outsider_done(&a);
	probe_say(p, r, PROBE_MISSING, "pasta has connected one");
	if (r < 0 && p->e.code) /* pasta is missing */
		p->e.hint[0] = '\0';
	else if (r < 0)
		p->status = PROBE_BROKEN;
}

/* Version 2 lacks controllers that version 1 has taken, cgroups(7). */
static bool probe_optional_has_version_1(void)
{
	auto_fd fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, PROBE_OPTIONAL_FILE_MAX, NULL);

	return text && (strstr(text, ":memory:") || strstr(text, ":pids:"));
}

/* One controller after the other, each in a cgroup of its own. */
static void probe_optional_cgroup(void *arg)
{
	struct probe *p = &((const struct probe_optional *)arg)->list[PROBE_CGROUP];
	const struct {
		const char *name;
		struct cgroup_limits limits;
	} tries[] = { { "memory", { .memory = UINT64_C(1) << 40 } },
		{ "cpu", { .cpu_quota = PLAN_CPU_PERIOD, .cpu_period = PLAN_CPU_PERIOD } },
		{ "pids", { .pids = 1000 } } };
	char have[PROBE_OPTIONAL_TEXT_MAX] = "";
	struct err why = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct cgroup c;

		if (cgroup_enter(&c, &tries[i].limits, &p->e) == 0)
			n += (size_t)snprintf(
				have + n, sizeof(have) - n, "%s%s", n ? ", " : "", tries[i].name);
		else
			why = p->e;
		cgroup_done(&c);
	}
	if (why.msg[0]) {
		const char *colon = strstr(why.msg, ": "); /* after the names of the options */

		probe_find(p, PROBE_MISSING, "%s%s%s%s", have, n ? "; " : "",
			colon ? colon + 2 : why.msg,
			probe_optional_has_version_1() ? " (version 1 has them, which is not used)"
						       : "");
	} else
		probe_find(p, PROBE_OK, "%s can be limited", have);
}

/* On failure e has an errno, and a hint if that is a refusal. */
static int probe_optional_open_fuse(struct err *e)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	(void)err_set(e, errno, "/dev/fuse");
	if (e->code == EACCES || e->code == EPERM)
		(void)err_hint(e,
			"chmod 666 /dev/fuse, and a udev rule for the next boot: KERNEL==\"fuse\", MODE=\"0666\"");
	return -1;
}

/* As for a root that a program serves: /dev/fuse is opened in the namespace of the mount. */
static int probe_optional_mount_fuse(const struct probe_optional *x, struct err *e)
{
	char options[PROBE_OPTIONAL_TEXT_MAX];
	auto_fd fuse = -1, dir = -1, mnt = -1;
	struct mnt_at at;
	struct host h;

	if (probe_optional_enter(x, 0, &h, e) < 0)
		return -1;
	/* the working directory moves along, mount_namespaces(7) */
	if (fchdir(x->rootfs) < 0 || unshare(CLONE_NEWNS) < 0)
		return err_set(e, errno, "make a mount namespace");
	fuse = probe_optional_open_fuse(e);
	dir = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	at = (struct mnt_at){ .fd = dir };
	(void)snprintf(options, sizeof(options), PROBE_OPTIONAL_FUSE_OPTIONS, fuse);
	mnt = fuse < 0 ? -1
		       : mnt_new("fuse", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &at, e);
	return mnt < 0 ? -1 : 0;
}

static void probe_optional_fuse(void *arg)
{
	const struct probe_optional *x = arg;
	struct probe *p = &x->list[PROBE_FUSE];
	int r = probe_optional_mount_fuse(x, &p->e);

	probe_say(p, r, p->e.hint[0] ? PROBE_BROKEN : PROBE_MISSING,
		"/dev/fuse can be used and mounted");
}

static void probe_optional_fuse_overlay(void *arg)
{
	struct probe *p = &((const struct probe_optional *)arg)->list[PROBE_FUSE_OVERLAY];
	auto_fd program = fuse_overlayfs_find();
	char link[32], text[PROBE_OPTIONAL_TEXT_MAX];
	const char *words[] = { path_of_fd(link, sizeof(link), program), "--version", NULL };
	int status =
		program < 0 ? -1 : host_program_run((char *const *)words, NULL, text, sizeof(text));

	if (status < 0) {
		p->status = PROBE_MISSING;
		(void)err_set(&p->e, errno, FUSE_OVERLAYFS_PROGRAM);
	} else if (status > 0) {
		probe_find(p, PROBE_BROKEN, FUSE_OVERLAYFS_PROGRAM ": %s", text);
	} else {
		probe_find(p, PROBE_OK, "the program is there");
	}
}

void probe_optional(const struct plan *p, int rootfs, struct probe *list)
{
	struct probe_optional x = { .p = p, .rootfs = rootfs, .list = list };

	probe_apart(probe_optional_notify, &x, PROBE_OPTIONAL_SECONDS);
	/* It must not be cut short: it has to remove its cgroup. */
	probe_apart(probe_optional_cgroup, &x, 0);
	probe_apart(probe_optional_fuse_overlay, &x, PROBE_OPTIONAL_SECONDS);
	if (list[PROBE_MAP].status != PROBE_OK)
		return;
	probe_apart(probe_optional_network, &x, PROBE_OPTIONAL_SECONDS);
	probe_apart(probe_optional_pasta, &x, PROBE_OPTIONAL_SECONDS);
	probe_apart(probe_optional_fuse, &x, PROBE_OPTIONAL_SECONDS);
}
