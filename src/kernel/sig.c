/*
 * sig: every catchable signal held back, read from a descriptor, and handed on.
 * Touches the signal mask of the process; sends signals to one process.
 */
#include "kernel/sig.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "util/fd.h"

int sig_hold(struct sig *s, struct err *e)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t all;

	/*
	 * The kernel keeps a blocked signal even where it is ignored, so that nohup(1) does not
	 * hide it.
	 */
	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, &s->mask) < 0 || sigaction(SIGCHLD, &dfl, &s->chld) < 0)
		return err_set(e, errno, "block signals");
	s->fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
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
	(void)sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

/*
 * SIGHUP is not listed: at the end of a terminal the kernel sends it to the session leader alone,
 * which this process may be.  SIGALRM is not either, although the kernel sends it: an alarm set
 * before exec is this process's own.
 */
static bool sig_is_from_terminal(const struct signalfd_siginfo *si)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (si->ssi_signo == (uint32_t)numbers[i])
			return si->ssi_code == SI_KERNEL;
	return false;
}

unsigned sig_forward(const struct sig *s, pid_t to, bool all)
{
	struct signalfd_siginfo si;
	unsigned saw = 0;

	while (fd_read_full(s->fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGWINCH)
			saw |= SIG_SAW_WINDOW;
		if (si.ssi_signo == SIGCONT)
			saw |= SIG_SAW_CONTINUE;
		if (si.ssi_signo == SIGCHLD)
			saw |= SIG_SAW_CHILD;
		else if ((si.ssi_signo == SIGPIPE || si.ssi_signo == SIGXFSZ) &&
			 si.ssi_pid == (uint32_t)getpid())
			continue; /* our own write to a pipe that nobody reads, or above a limit */
		else if (all || !sig_is_from_terminal(&si))
			(void)kill(to, (int)si.ssi_signo); /* it may have ended */
	}
	return saw;
}
