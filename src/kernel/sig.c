/*
 * sig: every catchable signal held back, read from a descriptor, and sent on.
 * Touches the signal mask of the process; sends signals to one process.
 */
#include "kernel/sig.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/fd.h"

static const uint64_t sig_all = UINT64_MAX;

void sig_block(void)
{
	(void)syscall(SYS_rt_sigprocmask, SIG_BLOCK, &sig_all, NULL, sizeof(sig_all));
}

int sig_hold(struct sig *s, struct err *e)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };

	/*
	 * The kernel keeps a blocked signal even where it is ignored, so that nohup(1) does not
	 * hide it.
	 */
	if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, &sig_all, &s->mask, sizeof(sig_all)) < 0 ||
		sigaction(SIGCHLD, &dfl, &s->chld) < 0)
		return err_set(e, errno, "block signals");
	s->fd = (int)syscall(
		SYS_signalfd4, -1, &sig_all, sizeof(sig_all), SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd < 0) {
		(void)err_set(e, errno, "wait for signals");
		sig_release(s);
		return -1;
	}
	return 0;
}

void sig_release(const struct sig *s)
{
	(void)sigaction(SIGCHLD, &s->chld, NULL);
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &s->mask, NULL, sizeof(s->mask));
}

bool sig_next(const struct sig *s, struct sig_hit *ret)
{
	struct signalfd_siginfo si;

	do {
		if (fd_read_full(s->fd, &si, sizeof(si)) != (ssize_t)sizeof(si))
			return false;
		/* our own write to a pipe that nobody reads, or above a limit */
	} while ((si.ssi_signo == SIGPIPE || si.ssi_signo == SIGXFSZ) &&
		 si.ssi_pid == (uint32_t)getpid());
	*ret = (struct sig_hit){ (int)si.ssi_signo, si.ssi_code, (pid_t)si.ssi_pid, si.ssi_ptr };
	return true;
}

void sig_send(pid_t to, const struct sig_hit *h)
{
	union sigval value;

	memcpy(&value, &h->value, sizeof(value));
	if (h->code == SI_QUEUE && to > 0)
		(void)sigqueue(to, h->number, value);
	else
		(void)kill(to, h->number);
}

void sig_barrier(void)
{
	(void)setpgid(INT_MAX, 1);
}

void sig_die(int number)
{
	const struct rlimit none = { 0, 0 };
	sigset_t one;

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(number, SIG_DFL);
	(void)raise(number);
	sigemptyset(&one);
	sigaddset(&one, number);
	(void)sigprocmask(SIG_UNBLOCK, &one, NULL);
}
