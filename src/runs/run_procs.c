/*
 * run_procs: the processes of a live run, as the host sees them.
 * Reads /proc.
 */
#include "runs/run_procs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/proc.h"

#define RUN_PROCS_TEXT_MAX 8192

/* A process of the host. */
struct run_procs_one {
	pid_t pid, parent;
	unsigned tty;
	unsigned long long ticks, start, pages;
	bool inside;
};

struct run_procs_scan {
	struct run_procs_one *list;
	size_t n;
	struct stat ns; /* the run's pid namespace */
};

static bool run_procs_namespace(pid_t pid, struct stat *st)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)pid);
	return stat(path, st) == 0;
}

/* /proc/PID/stat, proc(5); the second field is a name in parentheses, and may hold some. */
static bool run_procs_stat(struct run_procs_one *o)
{
	char text[RUN_PROCS_TEXT_MAX], *at;
	unsigned long long user, system;
	int parent, tty;

	if (proc_read(text, sizeof(text), "/proc/%d/stat", (int)o->pid) <= 0)
		return false;
	at = strrchr(text, ')');
	if (!at ||
		sscanf(at + 1,
			" %*c %d %*d %*d %d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %llu %*u %llu",
			&parent, &tty, &user, &system, &o->start, &o->pages) != 6)
		return false;
	o->parent = parent;
	o->tty = (unsigned)tty;
	o->ticks = user + system;
	return true;
}

static int run_procs_scan(struct run_procs_scan *s, pid_t init, struct err *e)
{
	const char *name;
	auto_names d;

	if (names_take(&d, open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return err_set(e, errno, "/proc");
	while ((name = names_next(&d))) {
		struct run_procs_one o = { .pid = (pid_t)strtol(name, NULL, 10) };
		struct stat st;

		if (o.pid <= 0 || !run_procs_stat(&o))
			continue;
		o.inside = o.pid == init || (s->ns.st_ino && run_procs_namespace(o.pid, &st) &&
						    st.st_ino == s->ns.st_ino);
		s->list = xgrow(s->list, s->n, sizeof(*s->list));
		s->list[s->n++] = o;
	}
	return 0;
}

/* A process in a namespace of its own below, or one that does not tell: its parent is inside. */
static bool run_procs_spread(struct run_procs_scan *s)
{
	bool more = false;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; !s->list[i].inside && k < s->n; k++)
			if (s->list[k].inside && s->list[k].pid == s->list[i].parent)
				s->list[i].inside = more = true;
	return more;
}

/* The number after key in a file of /proc/PID; 0 if it is not there. */
static uint64_t run_procs_number(pid_t pid, const char *file, const char *key)
{
	char text[RUN_PROCS_TEXT_MAX];
	const char *at = proc_read(text, sizeof(text), "/proc/%d/%s", (int)pid, file) > 0
				 ? strstr(text, key)
				 : NULL;

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static void run_procs_command(struct run_proc *p)
{
	ssize_t n = proc_read(p->command, sizeof(p->command), "/proc/%d/cmdline", (int)p->pid);

	while (n > 0 && !p->command[n - 1])
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (!p->command[i])
			p->command[i] = ' ';
	if (n <= 0 && proc_read(p->command, sizeof(p->command), "/proc/%d/comm", (int)p->pid) > 0)
		p->command[strcspn(p->command, "\n")] = '\0';
}

static void run_procs_add(struct run_procs *p, const struct run_procs_one *o)
{
	const unsigned long long hz = (unsigned long long)sysconf(_SC_CLK_TCK);
	struct timespec up = { 0 };
	struct run_proc *q;

	p->list = xgrow(p->list, p->n, sizeof(*p->list));
	q = &p->list[p->n++];
	(void)clock_gettime(CLOCK_BOOTTIME, &up);
	*q = (struct run_proc){ .pid = o->pid, .parent = o->parent, .tty = o->tty };
	q->used_ms = o->ticks * 1000 / hz;
	q->started = time(NULL) - up.tv_sec + (int64_t)(o->start / hz);
	q->uid = (uid_t)run_procs_number(o->pid, "status", "\nUid:\t");
	q->bytes = run_procs_number(o->pid, "smaps_rollup", "\nPss:") * 1024;
	if (!q->bytes)
		q->bytes = o->pages * (uint64_t)sysconf(_SC_PAGESIZE);
	run_procs_command(q);
}

int run_procs_read(struct run_procs *p, const struct live_run *r, struct err *e)
{
	struct run_procs_scan s = { .list = NULL };
	const pid_t init = (pid_t)live_run_number(r, "pid");
	int status;

	*p = (struct run_procs){ .list = NULL };
	/* Process 1 does not let itself be looked at; its first child does.  A keeper has none, but has said. */
	if (!run_procs_namespace(init, &s.ns) &&
		!run_procs_namespace(proc_first_child(init), &s.ns))
		s.ns.st_ino = (ino_t)live_run_number(r, "pidns");
	status = run_procs_scan(&s, init, e);
	while (status == 0 && run_procs_spread(&s))
		;
	for (size_t i = 0; status == 0 && i < s.n; i++)
		if (s.list[i].inside)
			run_procs_add(p, &s.list[i]);
	free(s.list);
	return status;
}

void run_procs_done(struct run_procs *p)
{
	free(p->list);
	*p = (struct run_procs){ .list = NULL };
}
