/*
 * opts: parses options by tables.
 * Touches memory only, and says notes.
 */
#include "cli/opts.h"

#include <string.h>

#include "util/log.h"
#include "util/near.h"
#include "util/number.h"
#include "util/size.h"
#include "util/word.h"

/* What Go's strconv.ParseBool takes, and so docker and podman. */
static const struct word opts_bools[] = {
	{ "true", true },
	{ "TRUE", true },
	{ "True", true },
	{ "t", true },
	{ "T", true },
	{ "1", true },
	{ "false", false },
	{ "FALSE", false },
	{ "False", false },
	{ "f", false },
	{ "F", false },
	{ "0", false },
	{ NULL, 0 },
};

int opt_flag(const struct opt_given *g)
{
	*(bool *)g->to = g->on;
	return 0;
}

int opt_whether(const struct opt_given *g)
{
	*(int *)g->to = g->on ? 1 : -1;
	return 0;
}

int opt_whether_not(const struct opt_given *g)
{
	*(int *)g->to = g->on ? -1 : 1;
	return 0;
}

/* The help of a row says what is so, or why not: "no effect: REASON". */
static const char *opts_reason(const struct opt *o)
{
	const char *colon = strstr(o->help, ": ");

	return colon ? colon + 2 : o->help;
}

/* Is the value one of the words in the help? */
static int opts_check_word(const struct opt_given *g)
{
	const struct opt *o = g->opt;
	size_t n = strlen(g->text);

	for (const char *s = o->value; *s; s += strcspn(s, "|"), s += *s == '|')
		if (strcspn(s, "|") == n && strncmp(s, g->text, n) == 0)
			return 0;
	(void)err_set(g->e, 0, "--%s %s: only %s is supported", o->name, g->text, o->value);
	return err_hint(g->e, "%s", opts_reason(o));
}

int opt_word(const struct opt_given *g)
{
	return opts_check_word(g) < 0 ? -1 : opt_flag(g);
}

int opt_given(const struct opt_given *g)
{
	return *g->text ? opts_check_word(g) : 0;
}

static int opts_note(const struct opt_given *g)
{
	const char *note = arena_printf(
		g->arena, "--%s%s: %s", g->opt->name, g->on ? "" : "=false", g->opt->help);

	for (size_t i = 0; i < g->notes->n; i++)
		if (strcmp(g->notes->v[i], note) == 0)
			return 0;
	strv_add_copy(g->arena, g->notes, note);
	return 0;
}

int opt_ignored(const struct opt_given *g)
{
	return g->on ? 0 : opts_note(g);
}

int opt_noted(const struct opt_given *g)
{
	return g->on ? opts_note(g) : 0;
}

int opt_refused(const struct opt_given *g)
{
	return g->on ? err_set(g->e, 0, "--%s%s%s: %s", g->opt->name, g->text ? " " : "",
			       g->text ? g->text : "", opts_reason(g->opt))
		     : 0;
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

int opt_dir(const struct opt_given *g)
{
	return g->setting && *g->text != '/'
		       ? err_set(g->e, 0, "%s: the path must begin with / (%%h is the home)",
				 g->text)
		       : opt_text(g);
}

int opt_age(const struct opt_given *g)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	size_t digits = strspn(g->text, "0123456789");
	const char *unit = g->text + digits;
	uint64_t n;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (*unit == units[i].unit && !unit[1] &&
			number_read(
				g->text, digits, (uint64_t)(INT64_MAX / units[i].seconds), &n)) {
			*(int64_t *)g->to = (int64_t)n * units[i].seconds;
			return 0;
		}
	return err_set(
		g->e, 0, "--%s %s: not an age such as 30d, 12h or 90m", g->opt->name, g->text);
}

/* The option with the long name of n bytes, or with that letter.  NULL with e. */
static const struct opt *opts_find(
	const struct opts *list, const char *name, size_t n, char letter, struct opt_given *g)
{
	for (; list->table; list++)
		for (const struct opt *o = list->table; o->help; o++)
			if (o->name && (letter ? o->letter == letter
					       : strncmp(o->name, name, n) == 0 && !o->name[n])) {
				g->to = (char *)list->to + o->offset;
				return o;
			}
	return NULL;
}

bool opts_have(const struct opts *list, const char *name)
{
	struct opt_given g;

	return opts_find(list, name, strlen(name), '\0', &g);
}

/* Are a and b names of one thing: rows with one member? */
static bool opts_are_one(const struct opts *list, const char *a, const char *b)
{
	struct opt_given one, other;
	const struct opt *o = opts_find(list, a, strlen(a), '\0', &one);
	const struct opt *p = opts_find(list, b, strlen(b), '\0', &other);

	return o && p && (o == p || (o->offset && one.to == other.to));
}

static int opts_check_lock(const struct opt_given *g)
{
	const struct settings *s = g->settings;
	const char *name = g->opt->name;

	if (g->setting && g->setting->site)
		return 0;
	for (size_t i = 0; i < s->locks.n; i++)
		if (opts_are_one(g->list, s->locks.v[i], name))
			return err_set(g->e, 0, "%s%s%sthe site has locked it (%s)",
				g->setting ? "" : "--", g->setting ? "" : name,
				g->setting ? "" : ": ", s->lock_at);
	return 0;
}

/* Give the option its value: text, or the next word.  Of a flag the next word is no value. */
static int opts_give(struct opt_given *g, char *text, char ***next)
{
	const struct opt *o = g->opt;
	const struct word *w = text ? word_find(opts_bools, text) : NULL;

	g->on = o->value || !text || (w && w->value);
	g->text = o->value ? text : NULL;
	if (!o->value && text && !w)
		return err_set(
			g->e, 0, "--%s=%s: a flag takes =true and =false only", o->name, text);
	if (o->value && !text) {
		g->text = **next;
		if (!g->text)
			return err_set(g->e, 0, "option needs a value: --%s", o->name);
		++*next;
	}
	return o->kind(g);
}

/* No table has it: say which option is like it. */
static int opts_unknown(const struct opts *list, const char *name, size_t n, struct err *e)
{
	struct near near = near_of(name, n);

	for (; list->table; list++)
		for (const struct opt *o = list->table; o->help; o++)
			if (o->name)
				near_try(&near, o->name);
	return near.found ? err_hint(e, "did you mean --%s?", near.found) : -1;
}

static int opts_long(const struct opts *list, char *name, char ***next, struct opt_given *g)
{
	size_t n = strcspn(name, "=");

	g->opt = opts_find(list, name, n, '\0', g);
	if (!g->opt) {
		(void)err_set(g->e, 0, "unknown option: --%s", name);
		return opts_unknown(list, name, n, g->e);
	}
	return opts_check_lock(g) < 0 ? -1 : opts_give(g, name[n] ? name + n + 1 : NULL, next);
}

/* "-it", "-uUSER", "-u=USER", "-it=false" */
static int opts_letters(const struct opts *list, char *s, char ***next, struct opt_given *g)
{
	const char *word = s;
	int r = 0;

	for (char *text = NULL; r == 0 && *s && !text; s++) {
		g->opt = opts_find(list, NULL, 0, *s, g);
		if (!g->opt) {
			(void)err_set(g->e, 0, "unknown option: -%c", *s);
			return *s == 'h' && s[1] == '\0'
				       ? err_hint(g->e, "--help lists the options")
				       : opts_unknown(list, word, strcspn(word, "="), g->e);
		}
		if (opts_check_lock(g) < 0)
			return -1;
		if (s[1] == '=')
			text = s + 2;
		else if (s[1] && g->opt->value)
			text = s + 1;
		r = opts_give(g, text, next);
	}
	return r;
}

static void opts_say(const struct strv *notes)
{
	for (size_t i = 0; i < notes->n; i++)
		log_note("%s", notes->v[i]);
}

int opt_preset(const struct opt_given *g)
{
	return opts_apply(g->list, g->settings, g->text, true, g->arena, g->e);
}

int opt_mpi(const struct opt_given *g)
{
	if (strncmp(g->text, "host", 4) != 0 || (g->text[4] && g->text[4] != ':'))
		return err_set(g->e, 0, "--mpi %s: neither host nor host:NAME", g->text);
	if (opts_apply(g->list, g->settings, arena_printf(g->arena, "mpi%s", g->text + 4), true,
		    g->arena, g->e) < 0)
		return err_wrap(g->e, "--mpi %s", g->text);
	return 0;
}

/* Of the same preset, or both of none? */
static bool opts_is_in(const struct setting *v, const char *preset)
{
	return preset ? v->preset && strcmp(preset, v->preset) == 0 : !v->preset;
}

bool opts_use(const struct opts *list, const struct settings *s, size_t i)
{
	const struct setting *v = &s->v[i];

	for (size_t later = i + 1; later < s->n; later++)
		if (!s->v[later].value && opts_is_in(&s->v[later], v->preset) &&
			opts_are_one(list, s->v[later].key, v->key))
			return false;
	return v->value && opts_have(list, v->key);
}

static int opts_check(const struct opts *list, struct err *e)
{
	for (; list->table; list++)
		if (list->check && list->check(list->to, e) < 0)
			return -1;
	return 0;
}

/* One setting.  A preset in a preset would have no end. */
static int opts_set(struct opt_given *g, char *text)
{
	char **next = NULL;

	if (!g->opt)
		return err_set(g->e, 0, "no such key");
	if (g->setting->preset && (g->opt->kind == opt_preset || g->opt->kind == opt_mpi))
		return err_set(g->e, 0, "a preset cannot name another");
	if (opts_check_lock(g) < 0)
		return -1;
	return text && !g->setting->theirs &&
			       (opts_give(g, text, &next) < 0 || opts_check(g->list, g->e) < 0)
		       ? -1
		       : 0;
}

int opts_apply(const struct opts *list, const struct settings *s, const char *preset, bool all,
	struct arena *a, struct err *e)
{
	struct strv notes = { 0 };
	struct opt_given g = { .notes = &notes, .arena = a, .e = e, .list = list, .settings = s };
	bool found = !preset;

	for (size_t i = 0; i < s->n; i++) {
		const struct setting *v = &s->v[i];

		if (!opts_is_in(v, preset))
			continue;
		found = true;
		g.opt = opts_find(list, v->key, strlen(v->key), '\0', &g);
		/* the environment may have variables of other programs */
		if (!g.opt && (!all || !v->file))
			continue;
		g.setting = v;
		if (opts_set(&g, opts_use(list, s, i) ? (char *)v->value : NULL) < 0)
			return setting_wrap(v, e);
	}
	opts_say(&notes);
	return found ? 0 : err_set(e, 0, "--preset %s: no file of settings has it", preset);
}

int opts_parse(const struct opts *list, const struct settings *s, char **argv, struct arena *a,
	struct err *e)
{
	struct strv notes = { 0 };
	struct opt_given g = { .notes = &notes, .arena = a, .e = e, .list = list, .settings = s };
	char **next = argv + 1;
	bool more = true;
	int r = 0;

	while (r == 0 && more && *next && (*next)[0] == '-' && (*next)[1]) {
		char *word = *next++;

		if (strncmp(word, "--", 2) != 0)
			r = opts_letters(list, word + 1, &next, &g);
		else if (word[2])
			r = opts_long(list, word + 2, &next, &g);
		else
			more = false;
	}
	if (r == 0)
		r = opts_check(list, e);
	if (r == 0)
		opts_say(&notes);
	return r < 0 ? -1 : (int)(next - argv);
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
