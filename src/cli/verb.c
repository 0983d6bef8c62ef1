/*
 * verb: the common frame of all verbs.
 * Touches standard output, for --help, and the store.
 */
#include "cli/verb.h"

#include <string.h>

#include "util/fd.h"
#include "util/log.h"

const struct verb *const verbs[] = { &verb_run, &verb_exec, &verb_ps, &verb_stop, &verb_kill,
	&verb_wait, &verb_load, &verb_save, &verb_unpack, &verb_inspect, &verb_images, &verb_tag,
	&verb_verify, &verb_writable, &verb_rm, &verb_gc, &verb_doctor, &verb_help, NULL };

static int verb_global_store(const struct opt_given *g)
{
	struct globals *all = g->to;

	if (all->store)
		strv_add_copy(&all->arena, &all->shared, all->store);
	all->store = g->text;
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
	(void)opt_flag(g);
	return g->on;
}

/* clang-format off */
const struct opt globals_opts[] = {
	{ .help = "Everywhere:" },
	{ 0, "store", "DIR", "the store for unpacked images; of several, all but the last are only read", verb_global_store, .offset = 0 },
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

static int verb_parse(struct call *c, int argc, char **argv, struct err *e)
{
	const struct verb *v = c->verb;
	const struct opt *tables[VERB_TABLES] = { NULL };
	struct opts list[VERB_TABLES];
	int at;

	verb_tables(v, tables);
	for (size_t i = 0; i < VERB_TABLES; i++)
		list[i] = (struct opts){ tables[i], tables[i] == v->opts	? c->options
						    : tables[i] == globals_opts ? (void *)c->globals
										: &c->request };
	at = opts_parse(list, argv, &c->arena, e);
	if (at < 0 || c->globals->help)
		return at < 0 ? -1 : 0;
	c->argv = argv;
	c->words = argv + at;
	c->n = (size_t)(argc - at);
	if (c->n >= v->least && c->n <= v->most)
		return 0;
	if (v->most == 0)
		return err_set(e, 0, "%s: takes no argument: %s", v->name, *c->words);
	(void)err_set(e, 0, "%s: %s", v->name, v->wants);
	return err_hint(e, "`sandbox help %s` shows how", v->name);
}

static int verb_run_call(struct call *c, struct err *e)
{
	int r = 0;

	if (c->globals->help) {
		verb_write_help(c->verb, stdout);
		return 0;
	}
	if (c->verb->store != VERB_STORE_NONE && store_open(&c->store, c->globals->store, e) < 0)
		return -1;
	if (c->verb->store == VERB_STORE_ALL &&
		store_open_others(&c->store, c->globals->shared.v, e) < 0)
		return -1;
	if (c->verb->run)
		return c->verb->run(c, e);
	for (char **word = c->words; r == 0 && *word; word++)
		r = c->verb->each(c, *word, e);
	return r;
}

int verb_call(const struct verb *v, int argc, char **argv, struct globals *g, struct err *e)
{
	struct call c = { .verb = v, .globals = g, .request = { .fd = -1 }, .store = STORE_NONE };
	int r;

	/* Keep one block of the arena during the verb: when the last block of a size is freed, musl
	 * unmaps the memory, and maps it again for the next arena. */
	c.options = arena_alloc(&c.arena, v->size ? v->size : 1);
	if (v->defaults)
		memcpy(c.options, v->defaults, v->size);
	r = verb_parse(&c, argc, argv, e);
	if (r == 0)
		r = verb_run_call(&c, e);
	fd_closep(&c.request.fd);
	store_done(&c.store);
	arena_done(&c.arena);
	return r;
}

char **verb_command(const struct call *c)
{
	char **command = c->words + 1;

	return command + (*command && strcmp(*command, "--") == 0);
}
