/*
 * signals: blocks all signals, prints "ready", and then each signal that comes: its number, with =VALUE if sigqueue(3) sent one.
 * Ends when none has come for 0.6 seconds after signal 63.  Used by tests/e2e/signals.sh, inside.
 * By system calls: a C library keeps some signals to itself.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	const uint64_t all = UINT64_MAX;
	const struct timespec *wait = NULL, rest = { .tv_nsec = 600000000 };
	siginfo_t si;
	long n;

	(void)syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, sizeof(all));
	(void)!write(STDOUT_FILENO, "ready\n", 6);
	while ((n = syscall(SYS_rt_sigtimedwait, &all, &si, wait, sizeof(all))) > 0) {
		char text[64];
		int len = si.si_code == SI_QUEUE ? snprintf(text, sizeof(text), "%ld=%d\n", n,
							   si.si_value.sival_int)
						 : snprintf(text, sizeof(text), "%ld\n", n);

		if (write(STDOUT_FILENO, text, (size_t)len) < 0)
			return 1;
		if (n == 63)
			wait = &rest;
	}
	return 0;
}
