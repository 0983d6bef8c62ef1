/*
 * cgroup: makes, fills and removes the cgroup of a run.
 * Reads the host's /proc/self; makes a directory in the caller's part of the cgroup file system.
 */
#include "kernel/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "kernel/systemd_scope.h"
#include "util/err.h"
#include "util/fd.h"
#include "util/mountinfo.h"
#include "util/names.h"
#include "util/path.h"

#define CGROUP_TEXT_MAX (1u << 20)
#define CGROUP_PREFIX "sandbox-"
#define CGROUP_ASIDE "sandbox-runner-"
#define CGROUP_PAUSE_NS 5000000L /* between attempts to remove it: the dead leave late */
#define CGROUP_PAUSES 200

/* The files that take limits, and the controllers that must be switched on for them. */
enum { CGROUP_MEMORY, CGROUP_CPU, CGROUP_PIDS, CGROUP_KINDS };
static const struct {
	const char *controller, *file;
} cgroup_kinds[CGROUP_KINDS] = {
	[CGROUP_MEMORY] = { "memory", "memory.max" },
	[CGROUP_CPU] = { "cpu", "cpu.max" },
	[CGROUP_PIDS] = { "pids", "pids.max" },
};

/* 0: no limit of this kind */
static uint64_t cgroup_limit(const struct cgroup_limits *l, int kind)
{
	return kind == CGROUP_MEMORY ? l->memory : kind == CGROUP_CPU ? l->cpu_quota : l->pids;
}

/* Returns 0, or -1 with errno. */
static int cgroup_put(int dir, const char *file, const char *text)
{
	auto_fd fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_full(fd, text, strlen(text));
}

/* The text of a small file, freed by the caller; NULL where it cannot be read. */
static char *cgroup_get(int dir, const char *file)
{
	auto_fd fd = openat(dir, file, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : fd_read_all(fd, CGROUP_TEXT_MAX, NULL);
}

static bool cgroup_has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = text; s && (s = strstr(s, word)); s += n)
		if ((s == text || s[-1] == ' ') && (!s[n] || s[n] == ' ' || s[n] == '\n'))
			return true;
	return false;
}

/* The mount point of the version 2 hierarchy; it may stand beside version 1. */
static int cgroup_open_mount(void)
{
	auto_mountinfo m;

	(void)mountinfo_open(&m);
	while (mountinfo_next(&m))
		if (strcmp(m.type, "cgroup2") == 0 && strcmp(m.root, "/") == 0)
			return open(m.point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return err_errno(ENOENT);
}

/*
 * The path that the file, /proc/PID/cgroup, names for version 2, without its leading '/'.  Returns
 * false where it names none.
 */
static bool cgroup_path_of(const char *file, char *ret, size_t size)
{
	auto_free char *text = cgroup_get(AT_FDCWD, file);
	const char *line = text ? strstr(text, "0::/") : NULL;
	size_t n;

	if (!line || (line != text && line[-1] != '\n'))
		return false;
	line += strlen("0::/");
	n = strcspn(line, "\n");
	if (n >= size || strncmp(line, "..", 2) == 0)
		return false;
	memcpy(ret, line, n);
	ret[n] = '\0';
	return true;
}

/* Switch a controller on ('+') or off for the children of dir.  Returns 0, or -1 with errno. */
static int cgroup_switch(int dir, char sign, int kind)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%c%s", sign, cgroup_kinds[kind].controller);
	return cgroup_put(dir, "cgroup.subtree_control", text);
}

/* Returns 0, or -1 with errno. */
static int cgroup_step_aside(struct cgroup *c, int dir)
{
	auto_free char *procs = cgroup_get(dir, "cgroup.procs");
	char own[16], name[CGROUP_NAME_MAX];
	auto_fd aside = -1;

	(void)snprintf(own, sizeof(own), "%d\n", (int)getpid());
	(void)snprintf(name, sizeof(name), CGROUP_ASIDE "%d", (int)getpid());
	if (!procs || strcmp(procs, own) != 0)
		return err_errno(EBUSY);
	c->back = openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (c->back < 0 || mkdirat(dir, name, 0755) < 0)
		return -1;
	aside = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (aside < 0 || cgroup_put(aside, "cgroup.procs", "0") < 0)
		return -1;
	fd_closep(&c->home);
	c->home = openat(aside, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	return c->home < 0 ? -1 : 0;
}

/* Undo cgroup_step_aside.  The controllers go off first, so that dir may hold processes again. */
static void cgroup_step_back(struct cgroup *c, int dir)
{
	char name[CGROUP_NAME_MAX];

	if (c->back < 0)
		return;
	for (int i = 0; i < CGROUP_KINDS; i++)
		(void)cgroup_switch(dir, '-', i);
	if (fd_write_full(c->back, "0", 1) == 0) {
		(void)snprintf(name, sizeof(name), CGROUP_ASIDE "%d", (int)getpid());
		(void)unlinkat(dir, name, AT_REMOVEDIR);
	}
	fd_closep(&c->home);
	c->home = fd_take(&c->back);
}

/*
 * Only the root cgroup can hold processes beside children with limits.  Where this process is the
 * only one in dir, it moves aside.  The kernel would not refuse the cpu and the pids controller: it
 * would make the children "domain invalid", cgroups(7) on threads.  Returns 0, or -1 with errno.
 */
static int cgroup_make_room(struct cgroup *c, int dir, bool own)
{
	auto_free char *procs = cgroup_get(dir, "cgroup.procs");

	/* the root has no type */
	if (faccessat(dir, "cgroup.type", F_OK, 0) < 0 || (procs && !procs[0]))
		return 0;
	if (own)
		return cgroup_step_aside(c, dir);
	return err_errno(EBUSY);
}

/* Remove what killed runners have left: cgroups named after a process that no longer exists. */
static void cgroup_sweep(int dir)
{
	const char *name, *number;
	auto_names d;

	(void)names_open(&d, dir);
	while ((name = names_next(&d))) {
		number = strrchr(name, '-');
		if (strncmp(name, CGROUP_PREFIX, strlen(CGROUP_PREFIX)) == 0 && number &&
			kill((pid_t)strtol(number + 1, NULL, 10), 0) < 0 && errno == ESRCH)
			(void)unlinkat(dir, name, AT_REMOVEDIR);
	}
}

static int cgroup_fill(int dir, const struct cgroup_limits *l, struct err *e)
{
	for (int i = 0; i < CGROUP_KINDS; i++) {
		char value[48];
		size_t n;

		if (!cgroup_limit(l, i))
			continue;
		n = (size_t)snprintf(value, sizeof(value), "%" PRIu64, cgroup_limit(l, i));
		if (i == CGROUP_CPU)
			(void)snprintf(value + n, sizeof(value) - n, " %" PRIu64, l->cpu_period);
		if (cgroup_put(dir, cgroup_kinds[i].file, value) < 0)
			return err_set(e, errno, "set %s to %s", cgroup_kinds[i].file, value);
		/* As much swap as memory is Docker's default; a kernel may have none to limit. */
		if (i == CGROUP_MEMORY && l->swap > 0)
			(void)snprintf(value, sizeof(value), "%" PRIu64,
				(uint64_t)l->swap > l->memory ? (uint64_t)l->swap - l->memory : 0);
		if (i == CGROUP_MEMORY && l->swap >= 0)
			(void)cgroup_put(dir, "memory.swap.max", value);
	}
	return cgroup_put(dir, "cgroup.procs", "0") < 0
		       ? err_set(e, errno, "enter the cgroup of the sandbox")
		       : 0;
}

/*
 * Is dir delegated to the caller, with every controller that the limits need?  Returns 0, or -1
 * with e.
 */
static int cgroup_check(int dir, const struct cgroup_limits *l, struct err *e)
{
	auto_free char *there = cgroup_get(dir, "cgroup.controllers");

	if (faccessat(dir, "cgroup.procs", W_OK, 0) < 0 ||
		faccessat(dir, "cgroup.subtree_control", W_OK, 0) < 0)
		return err_set(e, errno, "no cgroup is delegated to you");
	for (int i = 0; i < CGROUP_KINDS; i++)
		if (cgroup_limit(l, i) && !cgroup_has_word(there, cgroup_kinds[i].controller))
			return err_set(e, 0, "your cgroup has no %s controller",
				cgroup_kinds[i].controller);
	return 0;
}

/* Use dir.  Returns 0, or -1 with e; c->parent is set where the search is of no use any more. */
static int cgroup_try(
	struct cgroup *c, int dir, bool own, const struct cgroup_limits *l, struct err *e)
{
	auto_free char *on = NULL;
	auto_fd leaf = -1;

	if (cgroup_check(dir, l, e) < 0)
		return -1;
	if (cgroup_make_room(c, dir, own) < 0)
		return err_set(e, errno, "make room in your cgroup");
	on = cgroup_get(dir, "cgroup.subtree_control");
	for (int i = 0; i < CGROUP_KINDS; i++)
		if (cgroup_limit(l, i) && !cgroup_has_word(on, cgroup_kinds[i].controller) &&
			cgroup_switch(dir, '+', i) < 0)
			return err_set(e, errno, "switch the %s controller on",
				cgroup_kinds[i].controller);
	cgroup_sweep(dir);
	(void)snprintf(c->name, sizeof(c->name), CGROUP_PREFIX "%d", (int)getpid());
	if (mkdirat(dir, c->name, 0755) < 0)
		return err_set(e, errno, "make a cgroup");
	c->parent = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	leaf = openat(dir, c->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->parent < 0 || leaf < 0)
		return err_set(e, errno, "open the cgroup of the sandbox");
	return cgroup_fill(leaf, l, e);
}

static int cgroup_search(struct cgroup *c, const struct cgroup_limits *l, struct err *e)
{
	char path[PATH_TEXT_MAX];
	auto_fd mount = cgroup_open_mount();
	bool own = true;

	if (mount < 0 || !cgroup_path_of("/proc/self/cgroup", path, sizeof(path)))
		return err_set(e, 0, "this host has no cgroups of version 2");
	for (;; own = false) {
		auto_fd dir =
			openat(mount, path[0] ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		char *slash = strrchr(path, '/');
		struct err why;

		if (dir < 0)
			return err_set(e, errno, "open the cgroup %s", path);
		if (own)
			c->home = openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
		if (cgroup_try(c, dir, own, l, &why) == 0)
			return 0;
		/* the reason for the caller's own cgroup says more than those for its parents */
		if (own)
			*e = why;
		if (c->parent >= 0) {
			*e = why;
			return -1;
		}
		cgroup_step_back(c, dir);
		if (!path[0])
			return -1;
		*(slash ? slash : path) = '\0';
	}
}

int cgroup_enter(struct cgroup *c, const struct cgroup_limits *l, struct err *e)
{
	struct err why = { 0 };

	*c = CGROUP_NONE;
	if ((!l->memory && !l->cpu_quota && !l->pids) || cgroup_search(c, l, e) == 0)
		return 0;
	if (c->parent < 0 && systemd_scope_enter(&why) == 0) {
		cgroup_done(c);
		if (cgroup_search(c, l, e) == 0)
			return 0;
	}
	(void)err_wrap(e, "--memory, --cpus and --pids-limit");
	return err_hint(e,
		"they need a cgroup of version 2 that is delegated to you, as systemd does for users%s%s",
		why.msg[0] ? "; here: " : "", why.msg);
}

void cgroup_leave(struct cgroup *c)
{
	if (c->home >= 0)
		(void)fd_write_full(c->home, "0", 1);
}

uint64_t cgroup_oom_kills(const struct cgroup *c)
{
	auto_fd dir =
		c->parent < 0 ? -1 : openat(c->parent, c->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_free char *text = dir < 0 ? NULL : cgroup_get(dir, "memory.events");
	const char *at = text ? strstr(text, "\noom_kill ") : NULL;

	return at ? strtoull(at + strlen("\noom_kill "), NULL, 10) : 0;
}

void cgroup_done(struct cgroup *c)
{
	static const struct timespec pause = { .tv_nsec = CGROUP_PAUSE_NS };

	cgroup_leave(c);
	for (int i = 0; c->parent >= 0 && i < CGROUP_PAUSES; i++) {
		if (unlinkat(c->parent, c->name, AT_REMOVEDIR) == 0 || errno != EBUSY)
			break;
		(void)nanosleep(&pause, NULL);
	}
	if (c->parent >= 0)
		cgroup_step_back(c, c->parent);
	fd_closep(&c->parent);
	fd_closep(&c->home);
	fd_closep(&c->back);
	*c = CGROUP_NONE;
}

int cgroup_open_of(pid_t pid, struct err *e)
{
	char file[64], path[PATH_TEXT_MAX];
	auto_fd mount = cgroup_open_mount(), dir = -1;
	int fd;

	(void)snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
	if (mount < 0 || !cgroup_path_of(file, path, sizeof(path)))
		return err_set(e, 0, "cannot find the cgroup of the sandbox, which has limits");
	dir = openat(mount, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fd = dir < 0 ? -1 : openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	return fd < 0 ? err_set(e, errno, "open the sandbox's cgroup %s", path) : fd;
}
