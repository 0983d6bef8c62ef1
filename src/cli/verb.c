/*
 * verb: the common frame of all verbs.
 * Touches standard output, for --help, and the store.
 */
#include "cli/verb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/run_opts.h"
#include "kernel/rlimit.h"
#include "util/fd.h"
#include "util/log.h"

const struct verb *const verbs[] = { &verb_run, &verb_exec, &verb_ps, &verb_stop, &verb_kill,
	&verb_wait, &verb_logs, &verb_top, &verb_stats, &verb_rename, &verb_cp, &verb_commit,
	&verb_load, &verb_save, &verb_unpack, &verb_inspect, &verb_images, &verb_tag, &verb_verify,
	&verb_writable, &verb_rm, &verb_gc, &verb_doctor, &verb_config, &verb_cdi, &verb_help,
	NULL };

static int verb_global_store(const struct opt_given *g)
{
	struct globals *all = g->to;
	const char *variable = getenv("SANDBOX_STORE");
	struct opt_given dir = *g;

	dir.to = &dir.text;
	if (opt_dir(&dir) < 0)
		return -1;
	/* what stands before the verb, and the caller's variable, are nearer than a file */
	if (g->setting && ((all->store && !all->store_is_set) || (variable && *variable)))
		return 0;
	if (all->store && !all->store_is_set)
		strv_add_copy(&all->arena, &all->shared, all->store);
	all->store = g->text;
	all->store_is_set = g->setting;
	return 0;
}

static int verb_global_level(const struct opt_given *g)
{
	log_set_level(!g->on ? LOG_NORMAL : g->opt->letter == 'q' ? LOG_QUIET : LOG_VERBOSE);
	return 0;
}

/* Ignore all further words. */
static int verb_global_help(const struct opt_given *g)
{
	if (g->setting)
		return err_set(g->e, 0, "no such key");
	(void)opt_flag(g);
	return g->on;
}

/* clang-format off */
const struct opt globals_opts[] = {
	{ .help = "Everywhere:" },
	{ 0, "store", "DIR", "the store for unpacked images; of several, all but the last are only read", verb_global_store, .offset = 0 },
	{ 0, "shared-store", "DIR", "a store that is only read; searched before your own", opt_list, .offset = offsetof(struct globals, shared) },
	{ 'q', "quiet", NULL, "print no notes and no progress", verb_global_level, .offset = 0 },
	{ 0, "verbose", NULL, "print more", verb_global_level, .offset = 0 },
	{ 0, "help", NULL, "print this help", verb_global_help, .offset = offsetof(struct globals, help) },
	{ 0 },
};
/* clang-format on */

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; verbs[i]; i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

void verb_tables(const struct verb *v, const struct opt *ret[VERB_TABLES])
{
	size_t n = 0;

	if (v->opts)
		ret[n++] = v->opts;
	if (v->image_opts)
		ret[n++] = v->image_opts;
	ret[n++] = globals_opts;
	ret[n] = NULL;
}

void verb_write_help(const struct verb *v, FILE *out)
{
	const struct opt *tables[VERB_TABLES];

	fprintf(out, "sandbox %s %s\n\n%s\n", v->name, v->synopsis, v->summary);
	if (v->details)
		fprintf(out, "\n%s\n", v->details);
	verb_tables(v, tables);
	if (tables[0]->name) /* it has no heading */
		fputc('\n', out);
	for (size_t i = 0; tables[i]; i++)
		opts_help(tables[i], out);
}

/* The words of a command are its own.  Elsewhere options may follow a word, up to "--", as in
 * Docker. */
static int verb_words(struct call *c, const struct opts *list, char **argv, struct err *e)
{
	static char *none[] = { NULL };
	struct strv words = { 0 };
	int at = 0, n = 0;
	bool all = false;

	while (argv[at] && !all) {
		n = opts_parse(list, &c->globals->settings, argv + at, &c->arena, e);
		if (n < 0 || c->globals->help)
			return n;
		at += n;
		all = c->verb->command || strcmp(argv[at - 1], "--") == 0;
		for (int i = at; argv[i] && (i == at || all); i++)
			strv_add(&c->arena, &words, argv[i]);
	}
	c->words = words.n ? words.v : none;
	c->n = words.n;
	return 0;
}

/* `run` is configured; of other verbs only what they share with it is. */
static int verb_apply(struct call *c, const struct opts *list, struct err *e)
{
	const bool all = c->verb == &verb_run;

	if (c->verb->unconfigured)
		return 0;
	if (c->globals->unread) {
		*e = *c->globals->unread;
		return -1;
	}
	return opts_apply(
		list + (!all && c->verb->opts), &c->globals->settings, NULL, all, &c->arena, e);
}

static int verb_parse(struct call *c, char **argv, struct err *e)
{
	const struct verb *v = c->verb;
	const struct opt *tables[VERB_TABLES] = { NULL };
	struct opts list[VERB_TABLES];

	verb_tables(v, tables);
	for (size_t i = 0; i < VERB_TABLES; i++)
		list[i] = (struct opts){ tables[i],
			tables[i] == v->opts	    ? c->options
			: tables[i] == globals_opts ? (void *)c->globals
						    : &c->request,
			tables[i] == run_opts ? run_opts_check : NULL };
	c->argv = argv;
	if (verb_apply(c, list, e) < 0 || verb_words(c, list, argv, e) < 0)
		return -1;
	if (c->globals->help)
		return 0;
	if (c->n >= v->least && c->n <= v->most)
		return 0;
	if (v->most == 0)
		return err_set(e, 0, "%s: takes no argument: %s", v->name, *c->words);
	(void)err_set(e, 0, "%s: %s", v->name, v->wants);
	return err_hint(e, "`sandbox help %s` shows how", v->name);
}

/* A store that the command line names is made by the verbs alone that can put an image of a file there. */
static int verb_open_store(struct call *c, struct err *e)
{
	const struct globals *g = c->globals;

	if (c->verb->store == VERB_STORE_NONE)
		return 0;
	if (g->store && !g->store_is_set && !c->verb->image_opts && access(g->store, F_OK) < 0)
		return err_set(e, errno, "--store %s", g->store);
	if (store_open(&c->store, g->store, e) < 0)
		return -1;
	return c->verb->store == VERB_STORE_ALL ? store_open_others(&c->store, g->shared.v, e) : 0;
}

static int verb_run_call(struct call *c, struct err *e)
{
	int r = 0;

	if (c->globals->help) {
		verb_write_help(c->verb, stdout);
		return 0;
	}
	if (verb_open_store(c, e) < 0)
		return -1;
	if (c->verb->run)
		return c->verb->run(c, e);
	for (char **word = c->words; r <= 0 && *word; word++) {
		struct err one = { 0 };
		int status = c->verb->each(c, *word, &one);

		if (status)
			r = status < 0 ? verb_fail(r, e, &one) : status;
	}
	return r;
}

int verb_call(const struct verb *v, char **argv, struct globals *g, struct err *e)
{
	struct call c = { .verb = v, .globals = g, .request = { .fd = -1 }, .store = STORE_NONE };
	int r;

	/* Keep one block of the arena during the verb: when the last block of a size is freed, musl
	 * unmaps the memory, and maps it again for the next arena. */
	c.options = arena_alloc(&c.arena, v->size ? v->size : 1);
	if (v->defaults)
		memcpy(c.options, v->defaults, v->size);
	r = verb_parse(&c, argv, e);
	if (r == 0)
		r = verb_run_call(&c, e);
	fd_closep(&c.request.fd);
	store_done(&c.store);
	arena_done(&c.arena);
	return r;
}

void verb_print_error(struct err *e)
{
	rlimit_hint(e);
	/* One line: the log of a batch job mixes those of many ranks. */
	log_failure(e->hint[0] ? "%s (%s)" : "%s", e->msg, e->hint);
}

int verb_fail(int r, struct err *e, const struct err *one)
{
	if (r < 0)
		verb_print_error(e);
	*e = *one;
	return -1;
}

char **verb_command(const struct call *c)
{
	char **command = c->words + 1;

	return command + (*command && strcmp(*command, "--") == 0);
}
