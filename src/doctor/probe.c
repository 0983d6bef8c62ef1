/*
 * probe: one try, in a throw-away process.
 * Starts processes.
 */
#include "doctor/probe.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "util/proc.h"

bool probe_say(struct probe *p, int r, enum probe_status bad, const char *good)
{
	if (r < 0)
		p->status = bad;
	else
		probe_find(p, PROBE_OK, "%s", good);
	return r >= 0;
}

void probe_find(struct probe *p, enum probe_status status, const char *fmt, ...)
{
	va_list ap;

	p->e.hint[0] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(p->e.msg, sizeof(p->e.msg), fmt, ap);
	va_end(ap);
	p->status = status;
}

static _Noreturn void probe_main(void (*fn)(void *arg), void *arg, unsigned seconds)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGALRM, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			(void)close(fd);
	(void)alarm(seconds);
	fn(arg);
	_exit(0);
}

void probe_apart(void (*fn)(void *arg), void *arg, unsigned seconds)
{
	pid_t pid = fork();

	if (pid == 0)
		probe_main(fn, arg, seconds);
	(void)proc_reap(pid);
}
