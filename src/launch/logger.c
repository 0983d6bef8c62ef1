/*
 * logger: the process that keeps what a run in the background prints.
 * Reads a pipe; writes to the run's log in runs/; changes the standard streams of the caller.
 *
 * It is a process of its own, so that the command never waits for the disk and never fails because
 * the disk is full.  It ends when nobody is left who could print.
 */
#include "launch/logger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runs/run_log.h"
#include "util/fd.h"
#include "util/proc.h"

#define LOGGER_CHUNK 65536
#define LOGGER_BEAT_MS (3600 * 1000)
#define LOGGER_END_MS 2000 /* a process outside may have been given the pipe */
#define LOGGER_PAUSE_MS 2

static _Noreturn void logger_main(int in, int dir, const char *id)
{
	struct run_log l = { .dir = dir, .fd = -1, .id = id };
	const int keep[] = { in, dir };
	char *buf = xmalloc(LOGGER_CHUNK);
	struct pollfd p = { .fd = in, .events = POLLIN };
	ssize_t n = 1;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_IGN);
	fd_close_from(STDERR_FILENO + 1, keep, 2);
	while (n != 0) {
		n = poll(&p, 1, LOGGER_BEAT_MS) > 0 ? read(in, buf, LOGGER_CHUNK) : -1;
		if (n > 0)
			run_log_put(&l, buf, (size_t)n);
		else
			run_log_beat(&l);
	}
	_exit(0);
}

int logger_start(const struct run_entry *r, pid_t *ret_pid, struct err *e)
{
	auto_fd in = -1, out = -1;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	in = fds[0];
	out = fds[1];
	run_log_sweep_few(r->runs->dir);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		fd_closep(&out);
		logger_main(in, r->runs->dir, r->id);
	}
	if (*ret_pid < 0)
		return err_set(e, errno, "start a process for the log");
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	return 0;
}

void logger_end(pid_t pid)
{
	auto_fd null = pid > 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;

	if (pid <= 0)
		return;
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(null, STDERR_FILENO);
	for (int left = LOGGER_END_MS; left > 0 && waitpid(pid, NULL, WNOHANG) == 0;
		left -= LOGGER_PAUSE_MS)
		proc_pause(LOGGER_PAUSE_MS);
}
