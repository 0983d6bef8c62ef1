/*
 * host_program: another program of the host that does a part of the work.
 * Starts processes.
 */
#include "kernel/host_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/err.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/proc.h"

#define HOST_PROGRAM_TEXT_MAX 65536 /* bytes that a program may print */

int host_program_find(const char *first, const char *name, char path[PATH_TEXT_MAX])
{
	const char *lists[] = { first, getenv("PATH"), PATH_DEFAULT };

	if (strchr(name, '/'))
		return snprintf(path, PATH_TEXT_MAX, "%s", name) < PATH_TEXT_MAX ? 0 : -1;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const char *s = lists[i]; s && *s;) {
			size_t len = strcspn(s, ":");
			int n = snprintf(path, PATH_TEXT_MAX, "%.*s/%s", (int)len, s, name);

			if (*s == '/' && n < PATH_TEXT_MAX && access(path, X_OK) == 0)
				return 0;
			s += len + (s[len] == ':');
		}
	return err_errno(ENOENT);
}

/* Returns the process, or -1 with errno. */
static pid_t host_program_spawn(char *const *words, char *const *env, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char path[PATH_TEXT_MAX];
	sigset_t none;
	pid_t pid = -1;
	int code;

	if (host_program_find("/usr/bin", words[0], path) < 0)
		return -1;
	(void)sigemptyset(&none);
	if (posix_spawn_file_actions_init(&files) != 0 || posix_spawnattr_init(&attr) != 0)
		return -1;
	(void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	code = posix_spawn(&pid, path, &files, &attr, words, env ? env : environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	errno = code;
	return code == 0 ? pid : -1;
}

/* Keep the last line only: it says why the program gave up.  Too long, it ends with a whole word. */
static void host_program_last_line(char *all, char *text, size_t size)
{
	size_t len = strlen(all);
	const char *line;

	while (len > 0 && all[len - 1] == '\n')
		all[--len] = '\0';
	line = strrchr(all, '\n');
	line = line ? line + 1 : all;
	len = strlen(line);
	if (len >= size) {
		for (len = size - sizeof(" ..."); len > 0 && line[len] != ' '; len--)
			;
		(void)snprintf(text, size, "%.*s ...", (int)len, line);
	} else {
		memcpy(text, line, len + 1);
	}
}

int host_program_run(char *const *words, char *const *env, char *text, size_t size)
{
	int fds[2];
	auto_fd in = -1, out = -1;
	auto_free char *all = NULL;
	pid_t pid;

	text[0] = '\0';
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	in = fds[0];
	out = fds[1];
	pid = host_program_spawn(words, env, out);
	if (pid < 0)
		return -1;
	fd_closep(&out);
	all = fd_read_all(in, HOST_PROGRAM_TEXT_MAX, NULL);
	if (all)
		host_program_last_line(all, text, size);
	fd_closep(&in);
	return proc_reap(pid);
}
