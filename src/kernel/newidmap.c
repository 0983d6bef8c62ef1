/*
 * newidmap: writes the maps of a user namespace with more ids than the caller's own.
 * Starts newuidmap(1) and newgidmap(1); for root, which needs neither, writes /proc/PID itself.
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
#include "util/arena.h"
#include "util/fd.h"

#define NEWIDMAP_TEXT_MAX 400 /* of what a helper says */
#define NEWIDMAP_NUMBER_MAX 12

/* One of the two files: which helper writes it, and what goes into it. */
struct newidmap_map {
	const char *helper, *file;
	const struct id_map *maps;
	size_t n;
};

/* What the outsider does. */
struct newidmap_task {
	int proc; /* a procfs */
	struct id_maps maps;
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

static int newidmap_both(const void *arg, struct err *e)
{
	const struct newidmap_task *t = arg;
	const struct newidmap_map both[] = {
		{ "newgidmap", "gid_map", t->maps.gid, t->maps.n_gid },
		{ "newuidmap", "uid_map", t->maps.uid, t->maps.n_uid },
	};
	int r = 0;

	for (size_t i = 0; i < 2 && r == 0; i++) {
		struct arena a = { 0 };
		char file[32];

		(void)snprintf(file, sizeof(file), "%ld/%s", (long)t->runner, both[i].file);
		r = geteuid() == 0
			    ? idmap_put_map(t->proc, file, both[i].maps, both[i].n, e)
			    : newidmap_run(&both[i], newidmap_words(&a, &both[i], t->runner), e);
		arena_done(&a);
	}
	return r;
}

static _Noreturn void newidmap_main(int go, int answer, const void *arg)
{
	const struct newidmap_task *t = arg;
	const int keep[] = { go, answer, t->proc };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd_close_from(STDERR_FILENO + 1, keep, 3);
	outsider_work(go, answer, newidmap_both, t);
}

int newidmap_start(struct outsider *a, int proc, struct id_maps maps, struct err *e)
{
	struct newidmap_task t = { .proc = proc, .maps = maps, .runner = getpid() };

	return outsider_start(a, newidmap_main, &t, e);
}

int newidmap_write(struct outsider *a, struct err *e)
{
	int r = outsider_ask(a, "the helper that maps ids", e);

	outsider_done(a);
	return r;
}
