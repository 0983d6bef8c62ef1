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

#define OPTS_ROW 256 /* what getopt calls the first row; letters come before */

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

/* The row that getopt means, and its member; NULL: it knows no such option. */
static const struct opt *opts_find(const struct opts *list, int id, void **ret_to)
{
	int n = OPTS_ROW;

	for (; list->table; list++)
		for (const struct opt *o = list->table; o->help; o++)
			if (o->name && (n++ == id || (o->letter && o->letter == id))) {
				*ret_to = (char *)list->to + o->offset;
				return o;
			}
	return NULL;
}

int opts_parse(const struct opts *list, int argc, char **argv, struct arena *a, struct err *e)
{
	struct option longs[OPTS_MAX + 1];
	char shorts[2 * OPTS_MAX + 3];
	int id, at = 1, r = 0;

	opts_for_getopt(list, longs, shorts);
	opterr = 0;
	optind = 1;
	while (r == 0 && (id = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		/* The word that getopt is in; a letter may stand within a bundle of several. */
		char letter[3] = { '-', (char)optopt, '\0' };
		const char *shown = strncmp(argv[at], "--", 2) == 0 || !optopt ? argv[at] : letter;
		void *to;
		const struct opt *o = opts_find(list, id, &to);

		if (id == ':')
			return err_set(e, 0, "option needs a value: %s", shown);
		if (!o)
			return err_set(e, 0, "unknown option: %s", shown);
		r = o->kind(o, to, optarg, a, e);
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
