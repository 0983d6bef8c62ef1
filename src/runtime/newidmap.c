/*
 * newidmap: the process that writes the maps of a user namespace with more than one's own ids.
 * Called by spawn.c and in_ids.c.
 * Starts newuidmap(1) and newgidmap(1); for root, who needs neither, writes /proc/PID itself.
 */
#include "runtime/newidmap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/idmap.h"
#include "util/fd.h"

#define NEWIDMAP_TEXT_MAX 400 /* of what a helper says */
#define NEWIDMAP_NUMBER_MAX 12

/* One of the two files: which helper writes it, and what goes into it. */
struct newidmap_map {
	const char *helper, *file;
	const struct id_map *maps;
	size_t n;
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

/* Returns the helper's process, or -1 with errno.  A PATH of a batch job may lack /usr/bin. */
static pid_t newidmap_spawn(const char *helper, char **words, int err_out)
{
	char *env[] = { (char *)"LC_ALL=C", NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char path[64];
	sigset_t none;
	pid_t pid = -1;
	int code;

	(void)sigemptyset(&none);
	if (posix_spawn_file_actions_init(&files) != 0 || posix_spawnattr_init(&attr) != 0)
		return -1;
	(void)posix_spawn_file_actions_adddup2(&files, err_out, STDERR_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, err_out, STDOUT_FILENO);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	(void)snprintf(path, sizeof(path), "/usr/bin/%s", helper);
	code = posix_spawn(&pid, path, &files, &attr, words, env);
	if (code == ENOENT)
		code = posix_spawnp(&pid, helper, &files, &attr, words, env);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	errno = code;
	return code == 0 ? pid : -1;
}

static int newidmap_run(const struct newidmap_map *m, char **words, struct err *e)
{
	char text[NEWIDMAP_TEXT_MAX] = "";
	int fds[2], status = 0;
	auto_fd in = -1, out = -1;
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	in = fds[0];
	out = fds[1];
	pid = newidmap_spawn(m->helper, words, out);
	if (pid < 0) {
		(void)err_set(e, errno, "--subuid: %s", m->helper);
		return err_hint(e, "it belongs to the package uidmap or shadow-utils; without "
				   "--subuid one id is mapped");
	}
	fd_closep(&out);
	n = fd_read_full(in, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	(void)err_set(e, 0, "--subuid: %s", text[0] ? text : m->helper);
	return err_hint(e,
		"%s must be setuid root or have file capabilities, and the ranges in "
		"/etc/subuid and /etc/subgid must be this user's",
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

static _Noreturn void newidmap_main(int go, int answer, int proc, const struct plan *p, pid_t pid)
{
	int low = go < answer ? go : answer, high = go < answer ? answer : go;
	int keep[3] = { low, high, proc };
	struct err e = { 0 };
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (proc < high) {
		keep[2] = high;
		keep[1] = proc < low ? low : proc;
		keep[0] = proc < low ? proc : low;
	}
	fd_close_from(STDERR_FILENO + 1, keep, 3);
	if (fd_read_full(go, &byte, 1) != 1)
		_exit(0);
	(void)newidmap_both(proc, p, pid, &e);
	(void)fd_write_full(answer, &e, sizeof(e));
	_exit(0);
}

int newidmap_start(struct newidmap *n, int proc, const struct plan *p, struct err *e)
{
	int go[2], answer[2];
	pid_t own = getpid();

	*n = NEWIDMAP_NONE;
	if (!p->map_helpers)
		return 0;
	if (pipe2(go, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	n->go = go[1];
	if (pipe2(answer, O_CLOEXEC) < 0) {
		(void)close(go[0]);
		return err_set(e, errno, "make a pipe");
	}
	n->answer = answer[0];
	n->pid = fork();
	if (n->pid == 0)
		newidmap_main(go[0], answer[1], proc, p, own);
	(void)close(go[0]);
	(void)close(answer[1]);
	return n->pid < 0 ? err_set(e, errno, "start the helper that maps ids") : 0;
}

void newidmap_done(struct newidmap *n)
{
	fd_closep(&n->go);
	fd_closep(&n->answer);
	while (n->pid > 0 && waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*n = NEWIDMAP_NONE;
}

int newidmap_write(struct newidmap *n, struct err *e)
{
	struct err got = { 0 };
	bool whole;

	whole = fd_write_full(n->go, "g", 1) == 0 &&
		fd_read_full(n->answer, &got, sizeof(got)) == (ssize_t)sizeof(got);
	newidmap_done(n);
	if (!whole)
		return err_set(e, 0, "the helper that maps ids has ended");
	if (!got.msg[0])
		return 0;
	*e = got;
	return -1;
}
