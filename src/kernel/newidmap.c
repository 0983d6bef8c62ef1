/*
 * newidmap: writes the maps of a user namespace with more than one's own ids.
 * Starts newuidmap(1) and newgidmap(1); for root, who needs neither, writes /proc/PID itself.
 */
#include "kernel/newidmap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "kernel/host_program.h"
#include "kernel/idmap.h"
#include "util/fd.h"

#define NEWIDMAP_TEXT_MAX 400 /* of what a helper says */
#define NEWIDMAP_NUMBER_MAX 12

/* One of the two files: which helper writes it, and what goes into it. */
struct newidmap_map {
	const char *helper, *file;
	const struct id_map *maps;
	size_t n;
};

/* What the aide is told. */
struct newidmap_task {
	int proc; /* a procfs */
	const struct plan *p;
	pid_t runner; /* whose maps are written */
};

static char *newidmap_number(struct arena *a, unsigned long n)
{
	return arena_printf(a, "%lu", n);
}

/* "newuidmap PID INSIDE OUTSIDE COUNT ..." */
static char **newidmap_words(struct arena *a, const struct newidmap_map *m, pid_t pid)
{
	struct strv words = { 0 };

	strv_add_copy(a, &words, m->helper);
	strv_add(a, &words, newidmap_number(a, (unsigned long)pid));
	for (size_t i = 0; i < m->n; i++) {
		strv_add(a, &words, newidmap_number(a, m->maps[i].inside));
		strv_add(a, &words, newidmap_number(a, m->maps[i].outside));
		strv_add(a, &words, newidmap_number(a, m->maps[i].count));
	}
	return words.v;
}

static int newidmap_run(const struct newidmap_map *m, char **words, struct err *e)
{
	char *env[] = { (char *)"LC_ALL=C", NULL };
	char text[NEWIDMAP_TEXT_MAX];
	int status = host_program_run(words, env, text, sizeof(text));

	if (status == 0)
		return 0;
	if (status < 0) {
		(void)err_set(e, errno, "--subuid: %s", m->helper);
		return err_hint(e,
			"it belongs to the package uidmap or shadow-utils; without --subuid one id is mapped");
	}
	(void)err_set(e, 0, "--subuid: %s", text[0] ? text : m->helper);
	return err_hint(e,
		"%s must be setuid root or have file capabilities, and the ranges in /etc/subuid and /etc/subgid must be this user's",
		m->helper);
}

static int newidmap_both(int proc, const struct plan *p, pid_t pid, struct err *e)
{
	const struct newidmap_map both[] = {
		{ "newgidmap", "gid_map", p->gid_maps, p->n_gid_maps },
		{ "newuidmap", "uid_map", p->uid_maps, p->n_uid_maps },
	};
	int r = 0;

	for (size_t i = 0; i < 2 && r == 0; i++) {
		struct arena a = { 0 };
		char file[32];

		(void)snprintf(file, sizeof(file), "%ld/%s", (long)pid, both[i].file);
		r = geteuid() == 0 ? idmap_put_map(proc, file, both[i].maps, both[i].n, e)
				   : newidmap_run(&both[i], newidmap_words(&a, &both[i], pid), e);
		arena_done(&a);
	}
	return r;
}

static _Noreturn void newidmap_main(int go, int answer, const void *arg)
{
	const struct newidmap_task *t = arg;
	int low = go < answer ? go : answer, high = go < answer ? answer : go;
	int keep[3] = { low, high, t->proc };
	struct err e = { 0 };
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (t->proc < high) {
		keep[2] = high;
		keep[1] = t->proc < low ? low : t->proc;
		keep[0] = t->proc < low ? t->proc : low;
	}
	fd_close_from(STDERR_FILENO + 1, keep, 3);
	if (fd_read_full(go, &byte, 1) != 1)
		_exit(0);
	(void)newidmap_both(t->proc, t->p, t->runner, &e);
	(void)fd_write_full(answer, &e, sizeof(e));
	_exit(0);
}

int newidmap_start(struct outsider *a, int proc, const struct plan *p, struct err *e)
{
	struct newidmap_task t = { .proc = proc, .p = p, .runner = getpid() };

	*a = OUTSIDER_NONE;
	return p->map_helpers ? outsider_start(a, newidmap_main, &t, e) : 0;
}

int newidmap_write(struct outsider *a, struct err *e)
{
	int r = outsider_ask(a, "the helper that maps ids", e);

	outsider_done(a);
	return r;
}
