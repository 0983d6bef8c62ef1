/*
 * opts: getopt_long(3) driven by a table.
 * Touches getopt's own state only.
 */
#include "cli/opts.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* Short and long tables for getopt; "+" stops at the first word that is no option, ":" tells a
 * missing value apart. */
static void make_tables(const struct opt *table, struct option *longs, char *shorts)
{
	size_t n = 0;

	*shorts++ = '+';
	*shorts++ = ':';
	for (size_t i = 0; table[i].name || table[i].help; i++) {
		if (!table[i].name)
			continue;
		n++;
		assert(n < OPTS_MAX);
		*longs++ = (struct option){
			.name = table[i].name,
			.has_arg = table[i].value ? required_argument : no_argument,
			.val = table[i].id,
		};
		if (table[i].id < 128 && isalpha(table[i].id)) {
			*shorts++ = (char)table[i].id;
			if (table[i].value)
				*shorts++ = ':';
		}
	}
	*longs = (struct option){ 0 };
	*shorts = '\0';
}

int opts_parse(const struct opt *table, int argc, char **argv,
	int (*fn)(void *arg, int id, char *value, struct err *e), void *arg, struct err *e)
{
	struct option longs[OPTS_MAX];
	char shorts[2 * OPTS_MAX + 3];
	int id, at = 1;

	make_tables(table, longs, shorts);
	opterr = 0;
	optind = 1;
	while ((id = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		/* The word that getopt is in; a letter may stand within a bundle of several. */
		char letter[3] = { '-', (char)optopt, '\0' };
		const char *shown = strncmp(argv[at], "--", 2) == 0 || !optopt ? argv[at] : letter;

		if (id == '?')
			return err_set(e, 0, "unknown option: %s", shown);
		if (id == ':')
			return err_set(e, 0, "option needs a value: %s", shown);
		if (fn(arg, id, optarg, e) < 0)
			return -1;
		at = optind;
	}
	return optind;
}

void opts_help(const struct opt *table, FILE *out)
{
	for (size_t i = 0; table[i].name || table[i].help; i++) {
		char left[64];

		if (!table[i].name) {
			fprintf(out, "\n%s\n", table[i].help);
			continue;
		}
		if (table[i].id < 128 && isalpha(table[i].id))
			(void)snprintf(left, sizeof(left), "-%c, --%s %s", table[i].id,
				table[i].name, table[i].value ? table[i].value : "");
		else
			(void)snprintf(left, sizeof(left), "    --%s %s", table[i].name,
				table[i].value ? table[i].value : "");
		fprintf(out, "  %-30s %s\n", left, table[i].help);
	}
}
