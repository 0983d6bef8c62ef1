/*
 * signame: signals by name, as in kill(1) and an image's StopSignal.
 * Touches nothing.
 */
#include "util/signame.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

#include "util/number.h"
#include "util/word.h"

/* The numbers of Docker and glibc, which most images use; musl reserves one more signal. */
#define SIGNAME_RTMIN 34
#define SIGNAME_RTMAX 64

static const struct word signame_all[] = {
	{ "HUP", SIGHUP },
	{ "INT", SIGINT },
	{ "QUIT", SIGQUIT },
	{ "ILL", SIGILL },
	{ "TRAP", SIGTRAP },
	{ "ABRT", SIGABRT },
	{ "IOT", SIGABRT },
	{ "BUS", SIGBUS },
	{ "FPE", SIGFPE },
	{ "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },
	{ "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },
	{ "PIPE", SIGPIPE },
	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },
	{ "STKFLT", SIGSTKFLT },
	{ "CHLD", SIGCHLD },
	{ "CONT", SIGCONT },
	{ "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU },
	{ "URG", SIGURG },
	{ "XCPU", SIGXCPU },
	{ "XFSZ", SIGXFSZ },
	{ "VTALRM", SIGVTALRM },
	{ "PROF", SIGPROF },
	{ "WINCH", SIGWINCH },
	{ "IO", SIGIO },
	{ "POLL", SIGIO },
	{ "PWR", SIGPWR },
	{ "SYS", SIGSYS },
};

/* A whole number from least to most, or -1. */
static int signame_digits(const char *text, int least, int most)
{
	uint64_t n;

	return number_read(text, strlen(text), (uint64_t)most, &n) && (int)n >= least ? (int)n : -1;
}

/* "RTMIN", "RTMIN+3", "RTMAX-2" */
static int signame_realtime(const char *text)
{
	int span = SIGNAME_RTMAX - SIGNAME_RTMIN, n = 0;

	if (strncasecmp(text, "RTMIN", 5) == 0) {
		if (text[5])
			n = text[5] == '+' ? signame_digits(text + 6, 0, span) : -1;
		return n < 0 ? -1 : SIGNAME_RTMIN + n;
	}
	if (strncasecmp(text, "RTMAX", 5) == 0) {
		if (text[5])
			n = text[5] == '-' ? signame_digits(text + 6, 0, span) : -1;
		return n < 0 ? -1 : SIGNAME_RTMAX - n;
	}
	return -1;
}

int signame_number(const char *text)
{
	int n = signame_digits(text, 1, SIGNAME_RTMAX);

	if (n > 0)
		return n;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (size_t i = 0; i < sizeof(signame_all) / sizeof(signame_all[0]); i++)
		if (strcasecmp(text, signame_all[i].name) == 0)
			return (int)signame_all[i].value;
	return signame_realtime(text);
}
