/*
 * opts: parses options by tables, with getopt_long(3).
 * Touches getopt's own state only.
 */
#include "cli/opts.h"

#include <assert.h>
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "util/number.h"
#include "util/size.h"

#define OPTS_ROW 256 /* getopt's number for the first row; letters are below */

int opt_flag(const struct opt_given *g)
{
	*(bool *)g->to = true;
	return 0;
}

int opt_word(const struct opt_given *g)
{
	const struct opt *o = g->opt;

	if (strcmp(g->text, o->value) != 0)
		return err_set(
			g->e, 0, "--%s %s: only %s is supported", o->name, g->text, o->value);
	return opt_flag(g);
}

int opt_text(const struct opt_given *g)
{
	*(const char **)g->to = g->text;
	return 0;
}

int opt_list(const struct opt_given *g)
{
	strv_add(g->arena, g->to, g->text);
	return 0;
}

int opt_number(const struct opt_given *g)
{
	const struct opt *o = g->opt;
	uint64_t n;

	if (!number_read(g->text, strlen(g->text), o->limit, &n))
		return err_set(g->e, 0, "--%s %s: not a number up to %llu", o->name, g->text,
			(unsigned long long)o->limit);
	*(int *)g->to = (int)n;
	return 0;
}

int opt_size(const struct opt_given *g)
{
	char what[32];

	(void)snprintf(what, sizeof(what), "--%s", g->opt->name);
	return size_read(what, g->text, g->opt->limit, g->to, g->e);
}

/* "+" stops at the first word that is not an option; ":" makes getopt report a missing value. */
static void opts_for_getopt(const struct opts *list, struct option *longs, char *shorts)
{
	int n = 0;

	*shorts++ = '+';
	*shorts++ = ':';
	for (; list->table; list++)
		for (const struct opt *o = list->table; o->help; o++) {
			if (!o->name)
				continue;
			assert(n < OPTS_MAX);
			*longs++ = (struct option){
				.name = o->name,
				.has_arg = o->value ? required_argument : no_argument,
				.val = OPTS_ROW + n++,
			};
			if (o->letter)
				*shorts++ = o->letter;
			if (o->letter && o->value)
				*shorts++ = ':';
		}
	*longs = (struct option){ 0 };
	*shorts = '\0';
}

/* Find the option with getopt's number, and its member.  False for an unknown option. */
static bool opts_find(const struct opts *list, int id, struct opt_given *g)
{
	int n = OPTS_ROW;

	for (; list->table; list++)
		for (const struct opt *o = list->table; o->help; o++)
			if (o->name && (n++ == id || (o->letter && o->letter == id))) {
				g->opt = o;
				g->to = (char *)list->to + o->offset;
				return true;
			}
	return false;
}

int opts_parse(const struct opts *list, int argc, char **argv, struct arena *a, struct err *e)
{
	struct opt_given g = { .arena = a, .e = e };
	struct option longs[OPTS_MAX + 1];
	char shorts[2 * OPTS_MAX + 3];
	int id, at = 1, r = 0;

	opts_for_getopt(list, longs, shorts);
	opterr = 0;
	optind = 0; /* starts again, in both C libraries */
	while (r == 0 && (id = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		/* The current word; a letter may be within a group of several. */
		char letter[3] = { '-', (char)optopt, '\0' };
		const char *shown = strncmp(argv[at], "--", 2) == 0 || !optopt ? argv[at] : letter;

		if (id == ':')
			return err_set(e, 0, "option needs a value: %s", shown);
		if (!opts_find(list, id, &g))
			return err_set(e, 0, "unknown option: %s", shown);
		g.text = optarg;
		r = g.opt->kind(&g);
		at = optind;
	}
	return r < 0 ? -1 : optind;
}

void opts_help(const struct opt *table, FILE *out)
{
	for (const struct opt *o = table; o->help; o++) {
		char left[64], letter[] = { '-', o->letter, ',', '\0' };

		if (!o->name) {
			fprintf(out, "\n%s\n", o->help);
			continue;
		}
		(void)snprintf(left, sizeof(left), "%-3s --%s %s", o->letter ? letter : "", o->name,
			o->value ? o->value : "");
		fprintf(out, "  %-30s %s\n", left, o->help);
	}
}
