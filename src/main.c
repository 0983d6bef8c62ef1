/*
 * main: the verb table, options before the verb, and the exit status.
 * Touches standard output and error.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/machine.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/pages.h"

#ifndef SANDBOX_VERSION
#error "the Makefile says which version this is"
#endif

const struct verb *const verbs[] = { &verb_run, &verb_exec, &verb_ps, &verb_stop, &verb_kill,
	&verb_wait, &verb_load, &verb_save, &verb_unpack, &verb_inspect, &verb_images, &verb_tag,
	&verb_verify, &verb_writable, &verb_rm, &verb_gc, &verb_doctor, &verb_help, NULL };

static const struct opt main_opts[] = { { OPT_VERSION, "version", NULL, "which version this is" },
	OPTS_GLOBAL };

/* Options before the verb: what was asked for besides the verb. */
struct before {
	struct globals globals;
	bool version, help;
};

static int main_option(void *arg, int id, char *value, struct err *e)
{
	struct before *b = arg;

	(void)e;
	if (id == OPT_VERSION)
		b->version = true;
	else if (id == OPT_HELP)
		b->help = true;
	else
		(void)cli_global_option(&b->globals, &verb_help, id, value);
	return 0;
}

static int dispatch(int argc, char **argv, struct before *b, struct err *e)
{
	int at = opts_parse(main_opts, argc, argv, main_option, b, e);
	char *help[] = { (char *)"help", NULL };
	const struct verb *v;

	if (at < 0)
		return -1;
	if (b->version) {
		printf("sandbox %s\n", SANDBOX_VERSION);
		return 0;
	}
	if (b->help)
		return verb_help.run(1, help, &b->globals, e);
	if (at == argc) {
		(void)err_set(e, 0, "no verb given");
		return err_hint(e, "`sandbox help` lists them");
	}
	v = cli_verb(argv[at]);
	if (v)
		return v->run(argc - at, argv + at, &b->globals, e);
	(void)err_set(e, 0, "no such verb: %s", argv[at]);
	return err_hint(e, "`sandbox help` lists them");
}

static int sandbox_main(int argc, char **argv)
{
	struct before b = { 0 };
	struct err e = { 0 };
	int status;

	pages_ready();
	/* A descriptor that the caller closed must not be given to the next file that is opened. */
	status = fd_fill_std() < 0 ? err_set(&e, errno, "standard streams")
				   : dispatch(argc, argv, &b, &e);
	arena_done(&b.globals.arena);
	if (status < 0) {
		/* One line, so that it survives in a batch system's log of many ranks. */
		fprintf(stderr, e.hint[0] ? "sandbox: %s (%s)\n" : "sandbox: %s\n", e.msg, e.hint);
		return e.status ? e.status : EXIT_SANDBOX;
	}
	/* A full disk behind standard output must not look like success. */
	if (fflush(stdout) != 0) {
		fprintf(stderr, "sandbox: write to standard output: %s\n", strerror(errno));
		return EXIT_SANDBOX;
	}
	return status;
}

int main(int argc, char **argv)
{
	if (machine_is_this())
		machine_main(argc, argv, sandbox_main);
	return sandbox_main(argc, argv);
}
