/*
 * seccomp_profile: reads a seccomp profile in Docker's JSON.
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

#include "plan/defaults.h"
#include "seccomp/profile.h"
#include "util/json.h"

#define RULES_MAX 65536u /* also keeps a rule's place within what seccomp_compile counts */
#define NO_SUCH_CAP 63u	 /* in no bounding set */

struct word {
	const char *name;
	uint32_t value;
};

static const struct word actions[] = {
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ NULL, 0 },
};

static const struct word ops[] = {
	{ "SCMP_CMP_NE", SECCOMP_NE },
	{ "SCMP_CMP_LT", SECCOMP_LT },
	{ "SCMP_CMP_LE", SECCOMP_LE },
	{ "SCMP_CMP_EQ", SECCOMP_EQ },
	{ "SCMP_CMP_GE", SECCOMP_GE },
	{ "SCMP_CMP_GT", SECCOMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SECCOMP_MASKED_EQ },
	{ NULL, 0 },
};

/* As architectures and archMap have them; those that no machine of ours runs are known and without
 * effect. */
static const struct word abis[] = {
	{ "SCMP_ARCH_X86_64", SECCOMP_ON_AMD64 },
	{ "SCMP_ARCH_X32", SECCOMP_ON_X32 },
	{ "SCMP_ARCH_X86", SECCOMP_ON_X86 },
	{ "SCMP_ARCH_AARCH64", SECCOMP_ON_ARM64 },
	{ "SCMP_ARCH_ARM", SECCOMP_ON_ARM },
	{ "SCMP_ARCH_LOONGARCH64", 0 },
	{ "SCMP_ARCH_MIPS", 0 },
	{ "SCMP_ARCH_MIPS64", 0 },
	{ "SCMP_ARCH_MIPS64N32", 0 },
	{ "SCMP_ARCH_MIPSEL", 0 },
	{ "SCMP_ARCH_MIPSEL64", 0 },
	{ "SCMP_ARCH_MIPSEL64N32", 0 },
	{ "SCMP_ARCH_M68K", 0 },
	{ "SCMP_ARCH_PARISC", 0 },
	{ "SCMP_ARCH_PARISC64", 0 },
	{ "SCMP_ARCH_PPC", 0 },
	{ "SCMP_ARCH_PPC64", 0 },
	{ "SCMP_ARCH_PPC64LE", 0 },
	{ "SCMP_ARCH_RISCV64", SECCOMP_ON_RISCV64 },
	{ "SCMP_ARCH_S390", 0 },
	{ "SCMP_ARCH_S390X", 0 },
	{ "SCMP_ARCH_SH", 0 },
	{ "SCMP_ARCH_SHEB", 0 },
	{ NULL, 0 },
};

/* As includes and excludes have them. */
static const struct word arches[] = {
	{ "amd64", SECCOMP_ON_AMD64 },
	{ "x32", SECCOMP_ON_X32 },
	{ "x86", SECCOMP_ON_X86 },
	{ "arm64", SECCOMP_ON_ARM64 },
	{ "arm", SECCOMP_ON_ARM },
	{ "ppc64le", SECCOMP_ON_PPC64LE },
	{ "riscv64", SECCOMP_ON_RISCV64 },
	{ "s390", SECCOMP_ON_S390 },
	{ "s390x", SECCOMP_ON_S390X },
	{ NULL, 0 },
};

/* TSYNC is for processes with threads, of which a payload has none before its exec. */
static const struct word flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", 0 },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ NULL, 0 },
};

struct rule_list {
	struct seccomp_rule *v;
	size_t n, room;
};

static const struct word *word_find(const struct word *list, const char *name)
{
	while (list->name && strcmp(list->name, name) != 0)
		list++;
	return list->name ? list : NULL;
}

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

/* An action with its errno, from members of the given names. */
static int read_verdict(const json *obj, const char *action_key, const char *errno_key,
	struct arena *a, uint32_t *ret, struct err *e)
{
	int64_t code = EPERM;
	uint32_t action = 0;

	if (read_word(obj, action_key, actions, a, &action, e) < 0 ||
		json_get_i64(obj, errno_key, &code, e) < 0)
		return -1;
	if (action == SECCOMP_RET_USER_NOTIF)
		return err_set(
			e, 0, "\"%s\" is SCMP_ACT_NOTIFY, which is not supported", action_key);
	/* errno(3) values end at 4095; for SCMP_ACT_TRACE it is a message of 16 bits */
	if (code < 0 || code > (action == SECCOMP_RET_TRACE ? UINT16_MAX : 4095))
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
		read_words(obj, "arches", arches, a, false, SECCOMP_ON_OTHER, &ret->arches, e) <
			0 ||
		read_kernel(obj, a, &ret->min_kernel, e) < 0)
		return -1;
	for (size_t i = 0; i < caps.n; i++) {
		unsigned c = 0;

		while (c < DEFAULTS_CAP_COUNT && strcmp(defaults_cap_names[c], caps.v[i]) != 0)
			c++;
		ret->caps |= 1ull << (c < DEFAULTS_CAP_COUNT ? c : NO_SUCH_CAP);
	}
	return 0;
}

static int read_args(const json *list, struct arena *a, struct seccomp_arg *ret, struct err *e)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const json *obj = json_at(list, i);
		int64_t index = -1, value = 0, two = 0;
		uint32_t op = 0;

		if (!json_is_object(obj))
			return err_set(e, 0, "\"args\" holds what is no object");
		if (json_get_i64(obj, "index", &index, e) < 0 ||
			json_get_i64(obj, "value", &value, e) < 0 ||
			json_get_i64(obj, "valueTwo", &two, e) < 0 ||
			read_word(obj, "op", ops, a, &op, e) < 0)
			return -1;
		if (index < 0 || index > 5)
			return err_set(e, 0, "\"index\" of an argument is not 0 to 5");
		if (value < 0 || two < 0)
			return err_set(e, 0, "value of an argument is below 0");
		ret[i] = (struct seccomp_arg){ (unsigned)index, (enum seccomp_op)op,
			(uint64_t)value, (uint64_t)two };
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

static int read_names(const json *obj, struct arena *a, struct strv *ret, struct err *e)
{
	char *name = NULL;

	if (json_get_strv(obj, "names", a, ret, e) < 0 ||
		json_get_str(obj, "name", a, &name, e) < 0)
		return -1;
	if (!name || !*name)
		return 0;
	if (ret->n)
		return err_set(e, 0, "both \"name\" and \"names\" are given");
	strv_add(a, ret, name);
	return 0;
}

static int read_rule(const json *obj, struct arena *a, uint32_t default_verdict,
	struct rule_list *l, struct err *e)
{
	struct seccomp_rule r = { 0 };
	struct strv names = { 0 };
	struct seccomp_arg *args;
	json *list = NULL;
	size_t n;

	if (!json_is_object(obj))
		return err_set(e, 0, "not an object");
	if (read_names(obj, a, &names, e) < 0 ||
		read_verdict(obj, "action", "errnoRet", a, &r.verdict, e) < 0 ||
		read_when(obj, "includes", a, &r.includes, e) < 0 ||
		read_when(obj, "excludes", a, &r.excludes, e) < 0 ||
		json_get_arr(obj, "args", &list, e) < 0)
		return -1;
	n = json_len(list);
	args = arena_alloc(a, (n + 1) * sizeof(*args));
	if (read_args(list, a, args, e) < 0)
		return -1;
	if (!names.n || r.verdict == default_verdict)
		return 0;
	r.names = (const char *const *)names.v;
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
		if (read_word(entry, "architecture", abis, a, &machine, e) < 0)
			return -1;
		if (machine == arch)
			return read_words(entry, "subArchitectures", abis, a, true, 0, ret, e);
	}
	return read_words(top, "architectures", abis, a, true, 0, ret, e);
}

static int read_flags(const json *top, struct arena *a, unsigned *ret, struct err *e)
{
	if (!json_get(top, "flags"))
		*ret = seccomp_docker.flags;
	return read_words(top, "flags", flags, a, true, 0, ret, e);
}

int seccomp_profile_parse(const char *text, size_t len, unsigned arch, struct arena *a,
	struct seccomp_policy *ret, struct err *e)
{
	auto_json top = json_parse(text, len, e);
	struct rule_list l = { 0 };
	json *list = NULL;

	*ret = (struct seccomp_policy){ 0 };
	if (!top)
		return err_wrap(e, "seccomp profile");
	if (!json_is_object(top))
		return err_set(e, 0, "seccomp profile: not an object");
	if (json_get(top, "listenerPath") || json_get(top, "listenerMetadata"))
		return err_set(e, 0, "seccomp profile: \"listenerPath\" is not supported");
	if (read_verdict(top, "defaultAction", "defaultErrnoRet", a, &ret->default_verdict, e) <
			0 ||
		read_abis(top, arch, a, &ret->abis, e) < 0 ||
		read_flags(top, a, &ret->flags, e) < 0 ||
		json_get_arr(top, "syscalls", &list, e) < 0)
		return err_wrap(e, "seccomp profile");
	for (size_t i = 0; i < json_len(list); i++)
		if (read_rule(json_at(list, i), a, ret->default_verdict, &l, e) < 0)
			return err_wrap(e, "seccomp profile: \"syscalls\" entry %zu", i + 1);
	ret->rules = (struct seccomp_rules){ l.v, l.n };
	return 0;
}
