/*
 * main: the options before the verb, and the exit status.
 * Touches standard output and error.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/machine.h"
#include "cli/unknown_verb.h"
#include "cli/verb.h"
#include "kernel/sig.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/pages.h"

#ifndef SANDBOX_VERSION
#error "the Makefile sets the version"
#endif

#define MAIN_STACK_MIN (128u << 10) /* bytes */

struct main_options {
	bool version, help;
};

static const struct opt main_opts[] = {
	{ 'v', "version", NULL, "print the version", opt_flag,
		.offset = offsetof(struct main_options, version) },
	{ 'h', "help", NULL, "print this help", opt_flag,
		.offset = offsetof(struct main_options, help) },
	{ 0 },
};

static int main_dispatch(int argc, char **argv, struct globals *g, struct err *e)
{
	struct main_options o = { 0 };
	const struct opts options[] = { { main_opts, &o, NULL }, { globals_opts, g, NULL },
		{ NULL, NULL, NULL } };
	int at = opts_parse(options, &g->settings, argv, &g->arena, e);
	char *help[] = { (char *)"help", NULL };
	const struct verb *v;

	if (at < 0)
		return -1;
	if (o.version) {
		printf("sandbox %s\n", SANDBOX_VERSION);
		return 0;
	}
	if (o.help)
		return verb_call(&verb_help, help, g, e);
	if (at == argc) {
		(void)err_set(e, 0, "no verb given");
		return err_hint(e, "`sandbox help` lists them");
	}
	v = verb_find(argv[at]);
	return v ? verb_call(v, argv + at, g, e) : unknown_verb(argv + at, &g->arena, e);
}

/* Below it the kernel would end this process by a signal, without a word.  There may be no room to format one. */
static void main_check_stack(void)
{
	static const char text[] =
		"sandbox: `ulimit -s` allows too small a stack: 128 are needed\n";
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= MAIN_STACK_MIN)
		return;
	(void)fd_write_full(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(EXIT_SANDBOX);
}

static void main_too_large(int sig)
{
	(void)sig;
}

/*
 * `ulimit -f`: let a write that it stops fail, instead of ending the process without a word.  Other
 * programs get the default again, execve(2); where the caller ignores the signal, they ignore it, too.
 */
static void main_outlive_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
		signal(SIGXFSZ, main_too_large) == SIG_IGN)
		(void)signal(SIGXFSZ, SIG_IGN);
}

static void main_failed(struct err *e, const char *message)
{
	verb_print_error(e);
	if (message)
		log_failure("%s", message);
}

static int main_ready(struct err *e)
{
	pages_ready();
	main_outlive_file_limit();
	return fd_fill_std() < 0 ? err_set(e, errno, "standard streams") : 0;
}

/* A process that hides its words (proc.h) has to use them still. */
static char **main_copy(int argc, char **argv, struct arena *a)
{
	char **copy = arena_alloc(a, ((size_t)argc + 1) * sizeof(*copy));

	for (int i = 0; i < argc; i++)
		copy[i] = arena_strdup(a, argv[i]);
	return copy;
}

static int main_sandbox(int argc, char **argv)
{
	struct globals g = { 0 };
	struct err e = { 0 }, unread = { 0 };
	int status;

	status = main_ready(&e);
	if (status == 0) {
		if (settings_read(&g.settings, &unread) < 0)
			g.unread = &unread;
		status = main_dispatch(argc, main_copy(argc, argv, &g.arena), &g, &e);
	}
	if (status < 0) {
		settings_name(&g.settings, &e);
		main_failed(&e, g.settings.message);
	}
	settings_done(&g.settings);
	arena_done(&g.arena);
	if (status < 0)
		return e.status ? e.status : EXIT_SANDBOX;
	/* Standard output may be a file on a full disk.  Why an earlier write failed, another one says. */
	errno = EIO;
	if (ferror(stdout))
		(void)putchar('\n');
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_failure("write to standard output: %s", strerror(errno));
		return EXIT_SANDBOX;
	}
	/* In a job step: a launcher tells a rank that was killed from one that failed. */
	if (g.ended_by)
		sig_die(g.ended_by);
	return status;
}

int main(int argc, char **argv)
{
	main_check_stack();
	if (machine_is_this())
		machine_main(argc, argv, main_sandbox);
	return main_sandbox(argc, argv);
}
