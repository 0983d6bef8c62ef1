/*
 * opts: the tables of options fill the right members, and the table of verbs is sound.
 */
#include "cli/opts.h"
#include "cli/verb.h"
#include "tap.h"

struct target {
	bool flag, word;
	const char *text;
	struct strv list;
	int number;
	uint64_t size;
};

#define ALL_MAX 256 /* options of one verb */
#define AT(member) .offset = offsetof(struct target, member)

static int stop(const struct opt_given *g)
{
	(void)opt_flag(g);
	return 1;
}

static const struct opt first[] = {
	{ .help = "Heading:" },
	{ 'f', "flag", NULL, "help", opt_flag, AT(flag) },
	{ 0, "word", "only", "help", opt_word, AT(word) },
	{ 't', "text", "TEXT", "help", opt_text, AT(text) },
	{ 'l', "list", "ITEM", "help", opt_list, AT(list) },
	{ 0, "list-all", NULL, "help", opt_flag, AT(flag) },
	{ 'g', "given", "this|that", "no effect: always so", opt_given, .offset = 0 },
	{ 'i', "ignored", NULL, "no effect: always on", opt_ignored, .offset = 0 },
	{ 0, "noted", "X", "no effect: it cannot", opt_noted, .offset = 0 },
	{ 'r', "refused", NULL, "refused: never", opt_refused, .offset = 0 },
	{ 0, "refused-value", "X", "refused: never", opt_refused, .offset = 0 },
	{ 0 },
};

static const struct opt second[] = {
	{ 'n', "number", "N", "help", opt_number, AT(number), .limit = 100 },
	{ 0, "size", "SIZE", "help", opt_size, AT(size), .limit = 2 },
	{ 0, "stop", NULL, "help", stop, AT(flag) },
	{ 0 },
};

/* Words, separated by spaces; the list is joined by '+' in want, of "flag word text list number size
 * rest", or "error: MESSAGE". */
static const struct {
	const char *words, *want;
} cases[] = {
	{ "", "0 0 - - 0 0 -" },
	{ "-f", "1 0 - - 0 0 -" },
	{ "--flag a -f", "1 0 - - 0 0 a" },
	{ "a --flag", "0 0 - - 0 0 a" },
	{ "-- -f", "0 0 - - 0 0 -f" },
	{ "- -f", "0 0 - - 0 0 -" },
	{ "--word only", "0 1 - - 0 0 -" },
	{ "--text a --text b c", "0 0 b - 0 0 c" },
	{ "--text=a=b", "0 0 a=b - 0 0 -" },
	{ "-ta", "0 0 a - 0 0 -" },
	{ "-ft a b", "1 0 a - 0 0 b" },
	{ "-l a --list b --list=c -ld", "0 0 - a+b+c+d 0 0 -" },
	{ "-t=a -t=b=c", "0 0 b=c - 0 0 -" },
	{ "-fl=a -l=", "1 0 - a+ 0 0 -" },
	{ "--flag=true", "1 0 - - 0 0 -" },
	{ "--flag --flag=false x", "0 0 - - 0 0 x" },
	{ "--flag false", "1 0 - - 0 0 false" },
	{ "-f=T", "1 0 - - 0 0 -" },
	{ "-f -f=0 -n 1", "0 0 - - 1 0 -" },
	{ "-if=false -ri=F", "error: --refused: never" },
	{ "-g this --given=that --given= -i --ignored=false -r=false --noted 1", "0 0 - - 0 0 -" },
	{ "--te a", "error: unknown option: --te" },
	{ "--list-a", "error: unknown option: --list-a" },
	{ "--t a", "error: unknown option: --t" },
	{ "-text", "0 0 ext - 0 0 -" },
	{ "--list a", "0 0 - a 0 0 -" },
	{ "-n 100 -n7", "0 0 - - 7 0 -" },
	{ "--number=0", "0 0 - - 0 0 -" },
	{ "--size 1.5k", "0 0 - - 0 1536 -" },
	{ "--stop --nosuch", "1 0 - - 0 0 --nosuch" },
	{ "--nosuch", "error: unknown option: --nosuch" },
	{ "-f --nosuch=1 a", "error: unknown option: --nosuch=1" },
	{ "--flag=1", "1 0 - - 0 0 -" },
	{ "--flag=yes", "error: --flag=yes: a flag takes =true and =false only" },
	{ "--flag=", "error: --flag=: a flag takes =true and =false only" },
	{ "-f=x", "error: --flag=x: a flag takes =true and =false only" },
	{ "--given th", "error: --given th: only this|that is supported" },
	{ "--given this|that", "error: --given this|that: only this|that is supported" },
	{ "--refused", "error: --refused: never" },
	{ "--refused-value a=b", "error: --refused-value a=b: never" },
	{ "-fx", "error: unknown option: -x" },
	{ "--l a", "error: unknown option: --l" },
	{ "--text", "error: option needs a value: --text" },
	{ "-ft", "error: option needs a value: --text" },
	{ "--word other", "error: --word other: only only is supported" },
	{ "-n 101", "error: --number 101: not a number up to 100" },
	{ "-n -1", "error: --number -1: not a number up to 100" },
	{ "-n 1x", "error: --number 1x: not a number up to 100" },
	{ "-n 99999999999999999999",
		"error: --number 99999999999999999999: not a number up to 100" },
	{ "--size 1", "error: --size 1: must be at least 2" },
	{ "--size x", "error: --size x: not a size such as 500m or 1.5g" },
};

static const char *joined(struct arena *a, const struct strv *l)
{
	const char *text = l->n ? l->v[0] : "-";

	for (size_t i = 1; i < l->n; i++)
		text = arena_printf(a, "%s+%s", text, l->v[i]);
	return text;
}

static void test_parse(const char *words, const char *want)
{
	struct arena a = { 0 };
	struct strv argv = { 0 };
	struct target t = { 0 };
	const struct opts list[] = { { first, &t, NULL }, { second, &t, NULL },
		{ NULL, NULL, NULL } };
	const struct settings none = { 0 };
	struct err e = { 0 };
	char *rest = NULL, *copy = arena_strdup(&a, words);
	int at;

	strv_add_copy(&a, &argv, "verb");
	for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
		strv_add(&a, &argv, w);
	at = opts_parse(list, &none, argv.v, &a, &e);
	tap_str(at < 0 ? arena_printf(&a, "error: %s", e.msg)
		       : arena_printf(&a, "%d %d %s %s %d %llu %s", t.flag, t.word,
				 t.text ? t.text : "-", joined(&a, &t.list), t.number,
				 (unsigned long long)t.size,
				 (size_t)at < argv.n ? argv.v[at] : "-"),
		want, *words ? words : "no words");
	arena_done(&a);
}

/* What is stored through a row, as far as its kind says. */
static size_t size_of(opt_kind *kind)
{
	return kind == opt_flag || kind == opt_word ? sizeof(bool)
	       : kind == opt_text		    ? sizeof(char *)
	       : kind == opt_list		    ? sizeof(struct strv)
	       : kind == opt_number		    ? sizeof(int)
	       : kind == opt_size		    ? sizeof(uint64_t)
						    : 1;
}

static void test_verb(const struct verb *v)
{
	const struct opt *tables[VERB_TABLES], *all[ALL_MAX];
	const char *bad = NULL;
	size_t n = 0;

	verb_tables(v, tables);
	for (size_t i = 0; tables[i]; i++)
		for (const struct opt *o = tables[i]; o->help; o++) {
			size_t room = tables[i] == v->opts	  ? v->size
				      : tables[i] == globals_opts ? sizeof(struct globals)
								  : sizeof(struct import_request);

			if (!o->name)
				continue;
			if (!o->kind || o->offset + size_of(o->kind) > room)
				bad = o->name;
			for (size_t k = 0; k < n; k++)
				/* -q of a listing is docker's: it goes before the -q of all verbs */
				if ((strcmp(all[k]->name, o->name) == 0 ||
					    (o->letter && all[k]->letter == o->letter)) &&
					!(tables[i] == globals_opts && o->letter == 'q'))
					bad = o->name;
			if (n < ALL_MAX)
				all[n++] = o;
		}
	tap_ok(!bad && n < ALL_MAX,
		"%s: each option has a name and a letter of its own, and a member%s%s", v->name,
		bad ? ": " : "", bad ? bad : "");
	tap_ok((v->run || v->each) && v->least <= v->most && (v->wants || v->least == 0) &&
			verb_find(v->name) == v,
		"%s: what it takes is said", v->name);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_parse(cases[i].words, cases[i].want);
	for (size_t i = 0; verbs[i]; i++)
		test_verb(verbs[i]);
	tap_ok(!verb_find("nosuch"), "no other verb is found");
	return tap_done();
}
