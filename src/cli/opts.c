/*
 * opts: getopt_long(3) driven by tables.
 * Touches getopt's own state only.
 */
#include "cli/opts.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/size.h"

/* What getopt calls the n-th row: letters come first. */
#define OPTS_ROW 256

struct opts_rows {
	const struct opt *opt[OPTS_MAX];
	void *to[OPTS_MAX];
	struct option longs[OPTS_MAX + 1];
	char shorts[2 * OPTS_MAX + 3];
	int n;
};

int opt_flag(const struct opt *o, void *to, char *value, struct arena *a, struct err *e)
{
	(void)o;
	(void)value;
	(void)a;
	(void)e;
	*(bool *)to = true;
	return 0;
}

int opt_word(const struct opt *o, void *to, char *value, struct arena *a, struct err *e)
{
	if (strcmp(value, o->value) != 0)
		return err_set(e, 0, "--%s %s: only %s is supported", o->name, value, o->value);
	return opt_flag(o, to, value, a, e);
}

int opt_text(const struct opt *o, void *to, char *value, struct arena *a, struct err *e)
{
	(void)o;
	(void)a;
	(void)e;
	*(const char **)to = value;
	return 0;
}

int opt_list(const struct opt *o, void *to, char *value, struct arena *a, struct err *e)
{
	(void)o;
	(void)e;
	strv_add(a, to, value);
	return 0;
}

int opt_number(const struct opt *o, void *to, char *value, struct arena *a, struct err *e)
{
	unsigned long n;
	char *end;

	(void)a;
	errno = 0;
	n = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno || n > o->limit)
		return err_set(e, 0, "--%s: not a number up to %llu: %s", o->name,
			(unsigned long long)o->limit, value);
	*(int *)to = (int)n;
	return 0;
}

int opt_size(const struct opt *o, void *to, char *value, struct arena *a, struct err *e)
{
	char what[32];

	(void)a;
	(void)snprintf(what, sizeof(what), "--%s", o->name);
	return size_read(what, value, o->limit, to, e);
}

/* "+" stops at the first word that is no option, ":" tells a missing value apart. */
static void opts_rows(const struct opts *list, struct opts_rows *r)
{
	char *shorts = r->shorts;

	r->n = 0;
	*shorts++ = '+';
	*shorts++ = ':';
	for (; list->table; list++)
		for (const struct opt *o = list->table; o->help; o++) {
			if (!o->name)
				continue;
			assert(r->n < OPTS_MAX);
			r->opt[r->n] = o;
			r->to[r->n] = (char *)list->to + o->offset;
			r->longs[r->n] = (struct option){
				.name = o->name,
				.has_arg = o->value ? required_argument : no_argument,
				.val = OPTS_ROW + r->n,
			};
			r->n++;
			if (o->letter)
				*shorts++ = o->letter;
			if (o->letter && o->value)
				*shorts++ = ':';
		}
	r->longs[r->n] = (struct option){ 0 };
	*shorts = '\0';
}

static int opts_row(const struct opts_rows *r, int id)
{
	int i = 0;

	if (id >= OPTS_ROW)
		return id - OPTS_ROW;
	while (i + 1 < r->n && r->opt[i]->letter != id)
		i++;
	return i;
}

int opts_parse(const struct opts *list, int argc, char **argv, struct arena *a, struct err *e)
{
	struct opts_rows rows;
	int id, at = 1, r = 0;

	opts_rows(list, &rows);
	opterr = 0;
	optind = 1;
	while (r == 0 && (id = getopt_long(argc, argv, rows.shorts, rows.longs, NULL)) != -1) {
		/* The word that getopt is in; a letter may stand within a bundle of several. */
		char letter[3] = { '-', (char)optopt, '\0' };
		const char *shown = strncmp(argv[at], "--", 2) == 0 || !optopt ? argv[at] : letter;

		if (id == '?')
			return err_set(e, 0, "unknown option: %s", shown);
		if (id == ':')
			return err_set(e, 0, "option needs a value: %s", shown);
		id = opts_row(&rows, id);
		r = rows.opt[id]->kind(rows.opt[id], rows.to[id], optarg, a, e);
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
