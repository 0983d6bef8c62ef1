/*
 * seccomp_profile: seccomp profiles in Docker's and OCI's JSON.
 * Touches memory only.
 *
 * As Docker and runc read it: comparisons of one rule must all hold, but where two of them are of
 * one argument each becomes a rule of its own; a rule that says what the default says is skipped;
 * an action without errno means EPERM.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "seccomp/profile.h"
#include "seccomp/words.h"
#include "util/capname.h"
#include "util/json.h"
#include "util/json_write.h"

#define RULES_MAX 65536u /* also keeps a rule's place within what seccomp_compile counts */
#define NO_SUCH_CAP 63u	 /* in no bounding set */

struct rule_list {
	struct seccomp_rule *v;
	size_t n, room;
};

static int read_word(const json *obj, const char *key, const struct word *list, struct arena *a,
	uint32_t *ret, struct err *e)
{
	const struct word *w;
	char *name = NULL;

	if (json_get_str(obj, key, a, &name, e) < 0)
		return -1;
	if (!name)
		return err_set(e, 0, "member \"%s\" is missing", key);
	w = word_find(list, name);
	if (!w)
		return err_set(e, 0, "\"%s\" is \"%s\", which is not known", key, name);
	*ret = w->value;
	return 0;
}

/* The sum of a list's words.  strict: a word that is not known is an error, else it counts as
 * other. */
static int read_words(const json *obj, const char *key, const struct word *list, struct arena *a,
	bool strict, uint32_t other, unsigned *ret, struct err *e)
{
	struct strv v = { 0 };

	if (json_get_strv(obj, key, a, &v, e) < 0)
		return -1;
	for (size_t i = 0; i < v.n; i++) {
		const struct word *w = word_find(list, v.v[i]);

		if (!w && strict)
			return err_set(
				e, 0, "\"%s\" names \"%s\", which is not known", key, v.v[i]);
		*ret |= w ? w->value : other;
	}
	return 0;
}

/* A number, in a document of json_parse_u64; none leaves *ret alone. */
static int read_number(const json *obj, const char *key, uint64_t *ret, struct err *e)
{
	const json *v = json_get(obj, key);
	bool minus = false;

	if (v && !json_u64(v, &minus, ret))
		return err_set(e, 0, "\"%s\" is not an integer of 64 bits", key);
	return minus ? err_set(e, 0, "\"%s\" is below 0", key) : 0;
}

/* An action with its errno, from members of the given names. */
static int read_verdict(const json *obj, const char *action_key, const char *errno_key,
	struct arena *a, uint32_t *ret, struct err *e)
{
	uint64_t code = EPERM;
	uint32_t action = 0;

	if (read_word(obj, action_key, words_actions, a, &action, e) < 0 ||
		read_number(obj, errno_key, &code, e) < 0)
		return -1;
	if (action == SECCOMP_RET_USER_NOTIF)
		return err_set(
			e, 0, "\"%s\" is SCMP_ACT_NOTIFY, which is not supported", action_key);
	/* errno(3) values end at 4095; for SCMP_ACT_TRACE it is a message of 16 bits */
	if (code > (action == SECCOMP_RET_TRACE ? UINT16_MAX : 4095u))
		return err_set(e, 0, "\"%s\" is out of range", errno_key);
	if (action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE)
		action |= (uint32_t)code;
	*ret = action;
	return 0;
}

static int read_kernel(const json *obj, struct arena *a, unsigned *ret, struct err *e)
{
	char *text = NULL;
	unsigned major, minor;
	int end = 0;

	if (json_get_str(obj, "minKernel", a, &text, e) < 0)
		return -1;
	if (!text || !*text)
		return 0;
	if (sscanf(text, "%3u.%3u%n", &major, &minor, &end) != 2 || text[end] || major > 255 ||
		minor > 255 || text[0] == '+' || text[0] == '-')
		return err_set(e, 0, "\"minKernel\" is \"%s\", not a version such as 4.8", text);
	*ret = SECCOMP_KERNEL(major, minor);
	return 0;
}

static int read_when(
	const json *rule, const char *key, struct arena *a, struct seccomp_when *ret, struct err *e)
{
	struct strv caps = { 0 };
	json *obj = NULL;

	if (json_get_obj(rule, key, &obj, e) < 0)
		return -1;
	if (!obj)
		return 0;
	if (json_get_strv(obj, "caps", a, &caps, e) < 0 ||
		read_words(obj, "arches", words_arches, a, false, SECCOMP_ON_OTHER, &ret->arches,
			e) < 0 ||
		read_kernel(obj, a, &ret->min_kernel, e) < 0)
		return -1;
	for (size_t i = 0; i < caps.n; i++) {
		unsigned c = 0;

		while (c < CAPNAME_COUNT && strcmp(capnames[c], caps.v[i]) != 0)
			c++;
		ret->caps |= 1ull << (c < CAPNAME_COUNT ? c : NO_SUCH_CAP);
	}
	return 0;
}

static int read_args(const json *list, struct arena *a, struct seccomp_arg *ret, struct err *e)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const json *obj = json_at(list, i);
		uint64_t index = UINT64_MAX, value = 0, two = 0;
		uint32_t op = 0;

		if (!json_is_object(obj))
			return err_set(e, 0, "\"args\" holds what is no object");
		if (read_number(obj, "index", &index, e) < 0 ||
			read_number(obj, "value", &value, e) < 0 ||
			read_number(obj, "valueTwo", &two, e) < 0 ||
			read_word(obj, "op", words_ops, a, &op, e) < 0)
			return -1;
		if (index > 5)
			return err_set(e, 0, "\"index\" of an argument is not 0 to 5");
		ret[i] = (struct seccomp_arg){ (unsigned)index, (enum seccomp_op)op, value, two };
	}
	return 0;
}

static int rules_add(
	struct rule_list *l, struct arena *a, const struct seccomp_rule *r, struct err *e)
{
	struct seccomp_rule *v;

	if (l->n == RULES_MAX)
		return err_set(e, 0, "more than %u rules", RULES_MAX);
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		v = arena_alloc(a, l->room * sizeof(*v));
		if (l->n)
			memcpy(v, l->v, l->n * sizeof(*v));
		l->v = v;
	}
	l->v[l->n++] = *r;
	return 0;
}

/* Add a rule, or one for each comparison where two are of one argument. */
static int rules_add_args(struct rule_list *l, struct arena *a, struct seccomp_rule *r,
	const struct seccomp_arg *args, size_t n, struct err *e)
{
	unsigned seen = 0;
	bool twice = false;

	for (size_t i = 0; i < n; i++) {
		twice = twice || (seen & 1u << args[i].index);
		seen |= 1u << args[i].index;
	}
	r->args = args;
	r->n_args = twice ? 1 : n;
	for (size_t i = 0; twice && i + 1 < n; i++, r->args++)
		if (rules_add(l, a, r, e) < 0)
			return -1;
	return rules_add(l, a, r, e);
}

/* The names as a rule has them. */
static int read_names(const json *obj, struct arena *a, const char **ret, struct err *e)
{
	struct strv names = { 0 };
	char *name = NULL, *to;
	size_t size = 1;

	if (json_get_strv(obj, "names", a, &names, e) < 0 ||
		json_get_str(obj, "name", a, &name, e) < 0)
		return -1;
	if (name && *name && names.n)
		return err_set(e, 0, "both \"name\" and \"names\" are given");
	if (name)
		strv_add(a, &names, name);
	for (size_t i = 0; i < names.n; i++)
		size += strlen(names.v[i]) + 1;
	*ret = to = arena_alloc(a, size);
	for (size_t i = 0; i < names.n; i++)
		if (*names.v[i])
			to = stpcpy(to, names.v[i]) + 1;
	return 0;
}

static int read_rule(const json *obj, const struct seccomp_target *t, struct arena *a,
	uint32_t default_verdict, struct rule_list *l, struct err *e)
{
	struct seccomp_rule r = { 0 };
	struct seccomp_arg *args;
	json *list = NULL;
	size_t n;

	if (!json_is_object(obj))
		return err_set(e, 0, "not an object");
	if (read_names(obj, a, &r.names, e) < 0 ||
		read_verdict(obj, "action", "errnoRet", a, &r.verdict, e) < 0 ||
		read_when(obj, "includes", a, &r.includes, e) < 0 ||
		read_when(obj, "excludes", a, &r.excludes, e) < 0 ||
		json_get_arr(obj, "args", &list, e) < 0)
		return -1;
	n = json_len(list);
	args = arena_alloc(a, (n + 1) * sizeof(*args));
	if (read_args(list, a, args, e) < 0)
		return -1;
	if (!*r.names || r.verdict == default_verdict || !seccomp_rule_counts(&r, t))
		return 0;
	r.includes = r.excludes = (struct seccomp_when){ 0 };
	return rules_add_args(l, a, &r, args, n, e);
}

/* architectures lists them; archMap says for each machine what others it runs. */
static int read_abis(const json *top, unsigned arch, struct arena *a, unsigned *ret, struct err *e)
{
	json *map = NULL, *list = NULL;
	uint32_t machine = 0;

	if (json_get_arr(top, "archMap", &map, e) < 0 ||
		json_get_arr(top, "architectures", &list, e) < 0)
		return -1;
	if (json_len(map) && json_len(list))
		return err_set(e, 0, "both \"architectures\" and \"archMap\" are given");
	for (size_t i = 0; i < json_len(map); i++) {
		const json *entry = json_at(map, i);

		if (!json_is_object(entry))
			return err_set(e, 0, "\"archMap\" holds what is no object");
		if (read_word(entry, "architecture", words_abis, a, &machine, e) < 0)
			return -1;
		if (machine == arch)
			return read_words(
				entry, "subArchitectures", words_abis, a, true, 0, ret, e);
	}
	return read_words(top, "architectures", words_abis, a, true, 0, ret, e);
}

static int read_flags(const json *top, struct arena *a, unsigned *ret, struct err *e)
{
	if (!json_get(top, "flags"))
		*ret = seccomp_docker.flags;
	return read_words(top, "flags", words_flags, a, true, 0, ret, e);
}

int seccomp_profile_read(const json *top, const struct seccomp_target *t, struct arena *a,
	struct seccomp_policy *ret, struct err *e)
{
	struct rule_list l = { 0 };
	json *list = NULL;

	*ret = (struct seccomp_policy){ 0 };
	if (!json_is_object(top))
		return err_set(e, 0, "seccomp profile: not an object");
	if (json_get(top, "listenerPath") || json_get(top, "listenerMetadata"))
		return err_set(e, 0, "seccomp profile: \"listenerPath\" is not supported");
	if (read_verdict(top, "defaultAction", "defaultErrnoRet", a, &ret->default_verdict, e) <
			0 ||
		read_abis(top, t->arch, a, &ret->abis, e) < 0 ||
		read_flags(top, a, &ret->flags, e) < 0 ||
		json_get_arr(top, "syscalls", &list, e) < 0)
		return err_wrap(e, "seccomp profile");
	for (size_t i = 0; i < json_len(list); i++)
		if (read_rule(json_at(list, i), t, a, ret->default_verdict, &l, e) < 0)
			return err_wrap(e, "seccomp profile: \"syscalls\" entry %zu", i + 1);
	ret->abis &= seccomp_abis(t->arch);
	ret->rules = (struct seccomp_rules){ l.v, l.n };
	return 0;
}

int seccomp_profile_parse(const char *text, size_t len, const struct seccomp_target *t,
	struct arena *a, struct seccomp_policy *ret, struct err *e)
{
	auto_json top = json_parse_u64(text, len, e);

	return top ? seccomp_profile_read(top, t, a, ret, e) : err_wrap(e, "seccomp profile");
}

/* The words of a list that have a bit of value. */
static void write_words(
	struct json_writer *w, const char *key, const struct word *list, uint32_t value)
{
	json_write_open(w, key, '[');
	for (; list->name; list++)
		if (list->value & value)
			json_write_str(w, NULL, list->name);
	json_write_close(w, ']');
}

/* EPERM is what no errno means. */
static void write_verdict(
	struct json_writer *w, const char *action_key, const char *errno_key, uint32_t verdict)
{
	uint32_t action = verdict & SECCOMP_RET_ACTION_FULL, code = verdict & SECCOMP_RET_DATA;

	json_write_str(w, action_key, word_name(words_actions, action));
	if ((action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE) && code != EPERM)
		json_write_uint(w, errno_key, code);
}

static void write_args(struct json_writer *w, const struct seccomp_arg *args, size_t n)
{
	json_write_open(w, "args", '[');
	for (size_t i = 0; i < n; i++) {
		json_write_open(w, NULL, '{');
		json_write_uint(w, "index", args[i].index);
		json_write_uint(w, "value", args[i].value);
		if (args[i].value_two)
			json_write_uint(w, "valueTwo", args[i].value_two);
		json_write_str(w, "op", word_name(words_ops, args[i].op));
		json_write_close(w, '}');
	}
	json_write_close(w, ']');
}

static void write_rule(struct json_writer *w, const struct seccomp_rule *r, size_t n_args)
{
	json_write_open(w, NULL, '{');
	json_write_open(w, "names", '[');
	for (const char *name = r->names; *name; name += strlen(name) + 1)
		json_write_str(w, NULL, name);
	json_write_close(w, ']');
	write_verdict(w, "action", "errnoRet", r->verdict);
	if (n_args)
		write_args(w, r->args, n_args);
	json_write_close(w, '}');
}

/* Rules that rules_add_args made of one; written as that one. */
static bool rule_goes_on(const struct seccomp_rule *r, const struct seccomp_rule *next)
{
	return r->n_args == 1 && next->n_args == 1 && next->args == r->args + 1 &&
	       next->names == r->names;
}

void seccomp_profile_write(struct json_writer *w, const char *key, const struct seccomp_policy *p,
	const struct seccomp_target *t)
{
	json_write_open(w, key, '{');
	write_verdict(w, "defaultAction", "defaultErrnoRet", p->default_verdict);
	write_words(w, "architectures", words_abis, (p->abis & seccomp_abis(t->arch)) | t->arch);
	/* Those that are set anyway: runc 1.1 refuses any flags. */
	if (p->flags != seccomp_docker.flags)
		write_words(w, "flags", words_flags, p->flags);
	json_write_open(w, "syscalls", '[');
	for (size_t i = 0, n; i < p->rules.n; i += n) {
		const struct seccomp_rule *r = &p->rules.v[i];

		for (n = 1; i + n < p->rules.n && rule_goes_on(&r[n - 1], &r[n]); n++)
			;
		if (seccomp_rule_counts(r, t))
			write_rule(w, r, n > 1 ? n : r->n_args);
	}
	json_write_close(w, ']');
	json_write_close(w, '}');
}

char *seccomp_profile_text(const struct seccomp_policy *p, const struct seccomp_target *t)
{
	struct json_writer w = { 0 };

	seccomp_profile_write(&w, NULL, p, t);
	return json_write_end(&w);
}
