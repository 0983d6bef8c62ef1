/*
 * oci: a plan that is written and read again is the same plan, and a config.json that is read and
 * written again says the same; for every member and every field that sandbox knows.
 * Runs `runc spec` and `crun spec` where they are installed; `oci --fields` prints the rows of
 * docs/oci-fields.md.
 */
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "plan/oci.h"
#include "plan_equal.h"
#include "plan_facts.h"
#include "tap.h"
#include "util/json.h"

/* ---- no member is forgotten ---- */

/* Marks the bytes of a struct that some row or list here has. */
static void mark(unsigned char *seen, size_t at, size_t size)
{
	memset(seen + at, 1, size);
}

static void mark_rows(unsigned char *seen, const struct oci_field *f)
{
	for (; f->kind != OCI_END; f++) {
		if (f->kind == OCI_REFUSED || f->kind == OCI_IGNORED)
			continue;
		mark(seen, f->at, f->size);
		if (f->kind == OCI_LIST)
			mark(seen, f->n_at, sizeof(size_t));
	}
}

static void check_seen(
	const char *name, const unsigned char *seen, const unsigned char *used, size_t n)
{
	size_t at = 0;

	while (at < n && (!used[at] || seen[at]))
		at++;
	if (!tap_ok(at == n, "every member of %s is in the codec", name))
		printf("# missed: byte %zu\n", at);
}

/* clang, which only looks at this file, has no such function. */
#ifdef __clang__
#define __builtin_clear_padding(p) ((void)(p))
#endif

/* What padding has is cleared, so all else is a member. */
#define CHECK_STRUCT(type, rows, ...) \
	do { \
		type all; \
		unsigned char seen[sizeof(all)] = { 0 }; \
		const struct plan_member more[] = { { "", 0, 0, false }, ##__VA_ARGS__ }; \
\
		memset(&all, 0xff, sizeof(all)); \
		__builtin_clear_padding(&all); \
		mark_rows(seen, rows); \
		for (size_t i = 0; i < COUNT_OF(more); i++) \
			mark(seen, more[i].at, more[i].size); \
		check_seen(#type, seen, (const unsigned char *)&all, sizeof(all)); \
	} while (0)

static const struct oci_field *rows_of(const char *path)
{
	const struct oci_field *f = oci_fields;

	while (strcmp(f->path, path) != 0)
		f++;
	return ((const struct oci_list *)f->more)->rows;
}

static const struct oci_field no_rows[] = { { .kind = OCI_END } };

/* Members may be pointers to structs. NOLINTBEGIN(bugprone-sizeof-expression) */
static void check_members(void)
{
	CHECK_STRUCT(struct plan, oci_fields, MEMBER(struct plan, arena, false),
		MEMBER(struct plan, host_ids, false), MEMBER(struct plan, namespaces, false),
		MEMBER(struct plan, files, false), MEMBER(struct plan, n_files, false));
	CHECK_STRUCT(struct plan_rlimit, rows_of("process/rlimits"));
	CHECK_STRUCT(struct id_map, rows_of("linux/uidMappings"));
	CHECK_STRUCT(struct plan_ns, rows_of("linux/namespaces"));
	CHECK_STRUCT(struct plan_hook, rows_of("hooks/prestart"));
	CHECK_STRUCT(struct plan_device, rows_of("linux/devices"));
	CHECK_STRUCT(struct plan_device_rule, rows_of("linux/resources/devices"));
	CHECK_STRUCT(
		struct plan_throttle, rows_of("linux/resources/blockIO/throttleReadBpsDevice"));
	CHECK_STRUCT(struct plan_file, no_rows, MEMBER(struct plan_file, dst, true),
		MEMBER(struct plan_file, text, true));
	{
		struct plan_mount all;
		unsigned char seen[sizeof(all)] = { 0 };

		memset(&all, 0xff, sizeof(all));
		__builtin_clear_padding(&all);
		mark_rows(seen, rows_of("mounts"));
		for (size_t i = 0; i < COUNT_OF(mount_members); i++)
			mark(seen, mount_members[i].at, mount_members[i].size);
		check_seen("struct plan_mount", seen, (const unsigned char *)&all, sizeof(all));
	}
}

/* NOLINTEND(bugprone-sizeof-expression) */

/* ---- read(write(p)) = p ---- */

static bool check_round_trip(const struct plan *p, const char *name)
{
	auto_free char *text = oci_write(p, false), *pretty = oci_write(p, true), *again = NULL;
	struct plan q = { 0 }, r = { 0 };
	struct err e = { 0 };
	const char *what = NULL;
	bool good = oci_read(&q, text, strlen(text), &e) == 0 &&
		    oci_read(&r, pretty, strlen(pretty), &e) == 0;

	if (good)
		what = plan_differs(p, &q);
	if (good && !what)
		what = plan_differs(p, &r);
	again = good ? oci_write(&q, false) : NULL;
	good = tap_ok(good && !what && strcmp(text, again) == 0, "read(write(p)) = p: %s", name);
	if (!good)
		printf("# %s %s\n", e.msg, what ? what : "");
	plan_done(&q);
	plan_done(&r);
	return good;
}

static void fill(struct arena *a, const struct oci_field *f, void *base, unsigned *n);

static void fill_list(struct arena *a, const struct oci_field *f, void *base, unsigned *n)
{
	const struct oci_list *l = f->more;
	char *elements = arena_alloc(a, 2 * l->size);

	*(char **)(void *)((char *)base + f->at) = elements;
	*(size_t *)(void *)((char *)base + f->n_at) = 2;
	for (uint32_t i = 0; i < 2; i++)
		if (l->rows)
			fill(a, l->rows, elements + i * l->size, n);
		else
			((uint32_t *)(void *)elements)[i] = UINT32_MAX - i;
}

static uint64_t most(const struct oci_field *f)
{
	const struct oci_range *r = f->more;

	return r && r->max ? (uint64_t)r->max
			   : UINT64_MAX >> (64 - 8 * f->size + (f->kind == OCI_INT));
}

static void fill_one(struct arena *a, const struct oci_field *f, void *base, unsigned n)
{
	static const char *const words[] = { "alpha", "\"quoted\\\n\x01", "caf\xc3\xa9",
		"raw\xff\xc3\x80", "escaped \xf4\x8f\xbf\xbf" };
	const char *word = words[n % COUNT_OF(words)];
	void *at = (char *)base + f->at;
	struct plan_pairs *p = at;
	const struct word *w;
	struct strv v = { 0 };

	switch ((enum oci_kind)f->kind) {
	case OCI_STR:
		*(char **)at = arena_printf(a, "/%s%u", word, n);
		break;
	case OCI_STRV:
		strv_add_copy(a, &v, word);
		strv_add(a, &v, arena_printf(a, "%u", n));
		*(char ***)at = v.v;
		break;
	case OCI_BOOL:
		*(bool *)at = true;
		break;
	case OCI_UINT:
	case OCI_INT:
		oci_set_number(f, base, most(f));
		break;
	case OCI_WORD:
		w = f->more;
		oci_set_number(f, base, w[w[1].name ? 1 : 0].value);
		break;
	case OCI_CAPS:
		oci_set_number(f, base, UINT64_C(1) << n % 41 | 1);
		break;
	case OCI_PAIRS:
		p->n = 2;
		p->v = arena_alloc(a, 2 * sizeof(*p->v));
		p->v[0] = (struct plan_pair){ arena_printf(a, "k%u", n), (char *)word };
		p->v[1] = (struct plan_pair){ arena_printf(a, "\xfe%u", n), (char *)"" };
		break;
	case OCI_LIST:
	case OCI_OWN:
	case OCI_REFUSED:
	case OCI_IGNORED:
	case OCI_END:
		break;
	}
}

/* A value of its own for each member, in all rows at once. */
static void fill(struct arena *a, const struct oci_field *f, void *base, unsigned *n)
{
	for (; f->kind != OCI_END; f++)
		if (f->kind != OCI_LIST)
			fill_one(a, f, base, ++*n);
		else if (strcmp(f->path, "mounts") != 0 && strcmp(f->path, "linux/namespaces") != 0)
			fill_list(a, f, base, n);
}

static struct plan_mount all_mounts[] = {
	{ .kind = MOUNT_BIND, .src = (char *)"/s", .dst = (char *)"/b1" },
	{ .kind = MOUNT_BIND,
		.src = (char *)"/s\xff",
		.dst = (char *)"/b2\xfe",
		.recursive = true,
		.attr = MOUNT_ATTR_NOSUID,
		.rattr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME,
		.propagation = MS_SLAVE | MS_REC,
		.own = true,
		.optional = true,
		.idmap = true },
	{ .kind = MOUNT_TMPFS,
		.dst = (char *)"/t",
		.data = (char *)"mode=0755,size=1m",
		.copy_up = true,
		.attr = MOUNT_ATTR_STRICTATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW,
		.src = (char *)"shm" },
	{ .kind = MOUNT_DEV, .dst = (char *)"/dev", .data = (char *)"mode=0755" },
	{ .kind = MOUNT_TMPFS, .dst = (char *)"/dev", .copy_up = true },
	{ .kind = MOUNT_PROC,
		.dst = (char *)"/proc",
		.data = (char *)"hidepid=2",
		.propagation = MS_SHARED },
	{ .kind = MOUNT_SYSFS, .dst = (char *)"/sys", .attr = MOUNT_ATTR_RDONLY },
	{ .kind = MOUNT_CGROUP, .dst = (char *)"/sys/fs/cgroup", .optional = true },
	{ .kind = MOUNT_DEVPTS, .dst = (char *)"/dev/pts", .propagation = MS_UNBINDABLE },
	{ .kind = MOUNT_MQUEUE, .dst = (char *)"/dev/mqueue", .ridmap = true },
	{ .kind = MOUNT_BIND,
		.src = (char *)"/dev/null",
		.dst = (char *)"/dev/x",
		.attr = MOUNT_ATTR_NOSUID,
		.recursive = true,
		.device = true,
		.deep = true },
	{ .kind = MOUNT_OTHER,
		.type = (char *)"overlay",
		.src = (char *)"overlay",
		.dst = (char *)"/o",
		.data = (char *)"lowerdir=/a\\,b:/c,upperdir=/u" },
};

static struct plan_ns spaces[] = { { CLONE_NEWPID, NULL }, { CLONE_NEWNS, (char *)"/run/ns\xff" },
	{ CLONE_NEWNET, NULL } };
static struct plan_ns own_spaces[] = { { CLONE_NEWUSER, NULL }, { CLONE_NEWNET, NULL } };

static void fill_all(struct plan *p, struct arena *a, struct seccomp_policy *policy)
{
	static struct plan_file files[] = { { (char *)"/etc/hosts", (char *)"127.0.0.1\tx\n" },
		{ (char *)"/etc/\xff", (char *)"\xfe" } };
	static struct plan_pair others[] = { { (char *)"org.example", (char *)"\xff" } };
	static const struct seccomp_arg args[] = { { 0, SECCOMP_EQ, UINT64_MAX, 0 },
		{ 5, SECCOMP_MASKED_EQ, 1, INT64_MAX } };
	static const char names[] = "mkdir\0nosuchcall\0";
	static struct seccomp_rule rule = {
		.names = names, .verdict = SECCOMP_RET_ERRNO | 30, .args = args, .n_args = 2
	};
	unsigned n = 0;

	fill(a, oci_fields, p, &n);
	p->mounts = all_mounts;
	p->n_mounts = COUNT_OF(all_mounts);
	p->files = files;
	p->n_files = COUNT_OF(files);
	p->network = NETWORK_PRIVATE;
	p->annotations = (struct plan_pairs){ others, 1 };
	p->spaces = spaces;
	p->n_spaces = COUNT_OF(spaces);
	p->namespaces = CLONE_NEWPID | CLONE_NEWNET;
	p->host_ids = true;
	*policy = (struct seccomp_policy){ .default_verdict = SECCOMP_RET_ALLOW,
		.abis = 0,
		.flags = SECCOMP_FILTER_FLAG_LOG,
		.rules = { &rule, 1 } };
	p->seccomp = policy;
}

static void check_full(void)
{
	struct arena a = { 0 };
	struct seccomp_policy policy;
	struct plan p = { 0 };
	char name[64];

	fill_all(&p, &a, &policy);
	check_round_trip(&p, "every member has a value");
	/* and each alone, so that none lives of another */
	for (const struct oci_field *f = oci_fields; f->kind != OCI_END; f++) {
		struct plan one = { .args = p.args,
			.cwd = p.cwd,
			.rootfs = p.rootfs,
			.umask = PLAN_UNSET,
			.oom_score_adj = PLAN_UNSET,
			.no_init = true,
			.tty_input = true,
			.spaces = own_spaces,
			.n_spaces = 1,
			.namespaces = CLONE_NEWUSER };

		if (f->kind == OCI_REFUSED || f->kind == OCI_IGNORED || f->kind == OCI_OWN)
			continue;
		memcpy((char *)&one + f->at, (const char *)&p + f->at, f->size);
		if (f->at == offsetof(struct plan, spaces))
			one.namespaces = p.namespaces, one.host_ids = true,
			one.network = NETWORK_NONE;
		if (f->kind == OCI_LIST)
			memcpy((char *)&one + f->n_at, (const char *)&p + f->n_at, sizeof(size_t));
		snprintf(name, sizeof(name), "%s alone", f->path);
		check_round_trip(&one, name);
	}
	for (size_t i = 0; i < COUNT_OF(all_mounts); i++)
		for (int net = 0; net < 2; net++) {
			struct plan one = { .args = p.args,
				.cwd = p.cwd,
				.rootfs = p.rootfs,
				.umask = PLAN_UNSET,
				.oom_score_adj = PLAN_UNSET,
				.spaces = own_spaces,
				.n_spaces = net ? 2 : 1,
				.namespaces = CLONE_NEWUSER | (net ? CLONE_NEWNET : 0),
				.network = net ? NETWORK_NONE : NETWORK_HOST,
				.mounts = &all_mounts[i],
				.n_mounts = 1 };

			snprintf(name, sizeof(name), "the mount on %s", all_mounts[i].dst);
			check_round_trip(&one, name);
		}
	arena_done(&a);
}

/* ---- write(read(c)) says what c says ---- */

/* Words of a mount's options that change nothing. */
static bool is_usual(const char *word)
{
	static const char *const usual[] = { "", "rw", "suid", "dev", "exec", "relatime",
		"defaults" };

	for (size_t i = 0; i < COUNT_OF(usual); i++)
		if (strcmp(usual[i], word) == 0)
			return true;
	return false;
}

static bool is_ignored(const char *path)
{
	for (const struct oci_field *f = oci_fields; f->kind != OCI_END; f++)
		if (f->kind == OCI_IGNORED && strcmp(f->path, path) == 0)
			return true;
	return false;
}

static bool ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n >= m && strcmp(path + n - m, end) == 0;
}

struct cover {
	json *out;
	const char *path;
	bool reported;
};

static bool covers(json *c, json *out, const char *path, bool report);

static int is_said(const char *key, json *value, void *arg)
{
	(void)key;
	(void)arg;
	return json_is_object(value) ? json_each(value, is_said, NULL) : !json_is_empty(value);
}

static bool is_any(json *c, json *out, const char *path)
{
	for (size_t i = 0; i < json_len(out); i++)
		if (covers(c, json_at(out, i), path, false))
			return true;
	return false;
}

static bool covers_array(json *c, json *out, const char *path, bool report)
{
	/* order means nothing in these */
	bool set = ends_in(path, "/options") || strstr(path, "/capabilities/") ||
		   ends_in(path, "/namespaces") || ends_in(path, "/syscalls") ||
		   ends_in(path, "/architectures");

	for (size_t i = 0; i < json_len(c); i++) {
		json *item = json_at(c, i);

		if (ends_in(path, "/options") && is_usual(json_text(item)))
			continue;
		if (set ? !is_any(item, out, path) : !covers(item, json_at(out, i), path, report))
			return false;
	}
	return set || json_len(c) == json_len(out);
}

static int covers_member(const char *key, json *value, void *arg)
{
	struct cover *r = arg;
	json *out = json_get(r->out, key);
	char path[256];

	snprintf(path, sizeof(path), "%s%s%s", r->path, *r->path ? "/" : "", key);
	if (is_ignored(path) || strcmp(path, "ociVersion") == 0 || strncmp(key, "sandbox.", 8) == 0)
		return 0;
	/* engines write what says nothing; EPERM is what no errno means */
	if (!out && (!is_said(key, value, NULL) || ends_in(key, "rrnoRet") ||
			    ends_in(path, "seccomp/flags")))
		return 0;
	/* the options say that it is a bind */
	if (ends_in(path, "mounts/type") &&
		(strcmp(json_text(out), "bind") == 0 || strcmp(json_text(value), "bind") == 0))
		return 0;
	if (covers(value, out, path, !r->reported))
		return 0;
	if (!r->reported)
		printf("# %s\n", path);
	r->reported = true;
	return 1;
}

static bool covers(json *c, json *out, const char *path, bool report)
{
	struct cover r = { out, path, !report };
	auto_free char *x = NULL, *y = NULL;

	if (!c || !out)
		return c == out;
	if (json_is_object(c))
		return json_is_object(out) && json_each(c, covers_member, &r) == 0;
	if (json_is_array(c))
		return json_is_array(out) && covers_array(c, out, path, report);
	x = json_dump(c, false);
	y = json_dump(out, false);
	return strcmp(x, y) == 0;
}

static void check_document(const char *name, const char *text, size_t len)
{
	struct plan p = { 0 };
	struct err e = { 0 };
	auto_free char *out = NULL;
	auto_json c = json_parse_u64(text, len, &e);
	auto_json again = NULL;

	if (!tap_ok(c && oci_read(&p, text, len, &e) == 0, "%s is read", name))
		printf("# %s\n", e.msg);
	out = oci_write(&p, false);
	again = json_parse_u64(out, strlen(out), &e);
	tap_ok(covers(c, again, "", true), "what is written of %s has all of its fields", name);
	tap_ok(covers(again, c, "", true), "and nothing else");
	check_round_trip(&p, name);
	plan_done(&p);
}

/* The documents of tests/oci, in the form that engines write. */
#define DOCUMENT(name) \
	__asm__(".section .rodata\n.global oci_" #name "\noci_" #name ":\n" \
		".incbin \"tests/oci/" #name ".json\"\n.byte 0\n.previous\n"); \
	extern const char oci_##name[];

DOCUMENT(podman)
DOCUMENT(docker)
DOCUMENT(containerd)

static void check_tool(const char *command)
{
	char dir[] = "/tmp/sandbox-oci-XXXXXX", line[256];
	auto_free char *text = NULL;

	if (!mkdtemp(dir))
		return;
	snprintf(line, sizeof(line), "cd %s && command -v %.4s >/dev/null && %s >/dev/null", dir,
		command, command);
	if (system(line) == 0) {
		auto_fd fd = -1;

		snprintf(line, sizeof(line), "%s/config.json", dir);
		fd = open(line, O_RDONLY);
		text = fd < 0 ? NULL : fd_read_all(fd, 1u << 20, NULL);
	}
	if (text)
		check_document(command, text, strlen(text));
	else
		tap_skip(command, "it is not installed");
	snprintf(line, sizeof(line), "rm -rf %s", dir);
	(void)!system(line);
}

/* ---- documents that are refused ---- */

#define HEAD "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},"
#define PROCESS "\"process\":{\"args\":[\"a\"],\"cwd\":\"/\""

static const struct {
	const char *text, *want;
} refused[] = {
	{ "", "not valid JSON" },
	{ "[]", "must be" },
	{ "{}", "ociVersion" },
	{ "{\"ociVersion\":\"2.0.0\"}", "ociVersion" },
	{ HEAD PROCESS "}", "not valid JSON" },
	{ HEAD "\"process\":{\"args\":[],\"cwd\":\"/\"}}", "process.args: is missing" },
	{ HEAD "\"process\":[]}", "process: must be an object" },
	{ HEAD "\"process\":{\"args\":[\"a\"],\"cwd\":\"w\"}}", "process.cwd" },
	{ HEAD "\"process\":{\"args\":[\"a\"],\"cwd\":\"/..\"}}", "process.cwd" },
	{ HEAD PROCESS ",\"user\":{\"uid\":-1}}}",
		"process.user.uid: must be an integer from 0 to 4294967294" },
	{ HEAD PROCESS ",\"user\":{\"uid\":4294967295}}}", "process.user.uid" },
	{ HEAD PROCESS ",\"user\":{\"uid\":1.5}}}", "process.user.uid" },
	{ HEAD PROCESS ",\"user\":{\"uid\":\"0\"}}}", "process.user.uid" },
	{ HEAD PROCESS ",\"user\":{\"uid\":1e400}}}", "not valid JSON" },
	{ HEAD PROCESS ",\"user\":{\"umask\":512}}}", "process.user.umask" },
	{ HEAD PROCESS ",\"user\":{\"uid\":1,\"uid\":2}}}", "duplicate" },
	{ HEAD PROCESS ",\"user\":{\"additionalGids\":[4294967296]}}}",
		"process.user.additionalGids: entry 1" },
	{ HEAD PROCESS ",\"env\":[\"A\\u0000=b\"]}}", "not valid JSON" },
	{ HEAD PROCESS ",\"env\":[1]}}", "process.env: must be an array of strings" },
	{ HEAD PROCESS ",\"terminal\":1}}", "process.terminal: must be true or false" },
	{ HEAD PROCESS ",\"capabilities\":{\"bounding\":[\"CAP_NOSUCH\"]}}}", "CAP_NOSUCH" },
	{ HEAD PROCESS ",\"capabilities\":{\"bounding\":[\"chown\"]}}}", "chown" },
	{ HEAD PROCESS ",\"rlimits\":[{\"type\":\"RLIMIT_NOSUCH\"}]}}",
		"process.rlimits: entry 1: type: \"RLIMIT_NOSUCH\"" },
	{ HEAD PROCESS ",\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":18446744073709551616}]}}",
		"soft" },
	{ HEAD PROCESS ",\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":-5}]}}", "soft" },
	{ HEAD PROCESS ",\"rlimits\":[7]}}", "process.rlimits: entry 1: must be an object" },
	{ HEAD PROCESS ",\"oomScoreAdj\":1001}}",
		"process.oomScoreAdj: must be an integer from -1000 to 1000" },
	{ HEAD PROCESS ",\"apparmorProfile\":\"x\"}}",
		"process.apparmorProfile: is not supported" },
	{ HEAD PROCESS "},\"mounts\":{}}", "mounts: must be an array" },
	{ HEAD PROCESS "},\"mounts\":[{\"destination\":\"/../x\",\"type\":\"tmpfs\"}]}",
		"destination" },
	{ HEAD PROCESS "},\"mounts\":[{\"destination\":\"/x\"}]}", "neither" },
	{ HEAD PROCESS
		"},\"mounts\":[{\"destination\":\"/x\",\"type\":\"bind\",\"source\":\"/y\",\"options\":[\"size=1\"]}]}",
		"size=1" },
	{ HEAD PROCESS
		"},\"mounts\":[{\"destination\":\"/x\",\"type\":\"tmpfs\",\"options\":[1]}]}",
		"mounts: entry 1: options" },
	{ HEAD PROCESS "},\"linux\":{\"namespaces\":[{\"type\":\"time\"}]}}", "time" },
	{ HEAD PROCESS "},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"pid\"}]}}",
		"another one has this type" },
	{ HEAD PROCESS "},\"linux\":{\"intelRdt\":{\"closID\":\"x\"}}}",
		"linux.intelRdt: is not supported" },
	{ HEAD PROCESS "},\"linux\":{\"sysctl\":{\"a\":1}}}",
		"linux.sysctl: must be an object of strings" },
	{ HEAD PROCESS "},\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_NOSUCH\"}}}",
		"SCMP_ACT_NOSUCH" },
	{ HEAD PROCESS
		"},\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\"}}}",
		"listenerPath" },
	{ HEAD PROCESS "},\"annotations\":{\"a\":1}}", "annotations: a: must be a string" },
	{ HEAD PROCESS "},\"annotations\":{\"sandbox.nosuch\":\"x\"}}",
		"sandbox.nosuch: is not known" },
	{ HEAD PROCESS "},\"annotations\":{\"sandbox.mount./x\":\"own\"}}", "sandbox.mount./x" },
	{ HEAD PROCESS "},\"annotations\":{\"sandbox.timeout\":\"1x\"}}", "sandbox.timeout" },
	{ HEAD PROCESS "},\"annotations\":{\"sandbox.init\":\"yes\"}}", "sandbox.init" },
	{ HEAD PROCESS "},\"annotations\":{\"sandbox.stop-signal\":\"65\"}}",
		"sandbox.stop-signal" },
};

static void check_refused(void)
{
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		const char *text = refused[i].text;
		struct plan p = { 0 };
		struct err e = { 0 };

		if (!tap_ok(oci_read(&p, text, strlen(text), &e) < 0 &&
				    strncmp(e.msg, "config.json: ", 13) == 0 &&
				    strstr(e.msg, refused[i].want) && !strchr(e.msg, '\n'),
			    "refused: %s", refused[i].want))
			printf("# %s: %s\n", text, e.msg);
		plan_done(&p);
	}
}

/* ---- an option of a file system may hold a comma: written, it means the same ---- */

static const char *const comma_options[] = {
	"\"context=\\\"system_u:object_r:t:s0:c1,c2\\\"\"",
	"\"context=\\\"a,ro\\\",b\"",
	"\"noexec,\"",
	"\"x,noexec\"",
	"\"x\",\"y,bind\"",
	"\",\"",
	"\"lowerdir=/a\\\\,ro\",\"x\"",
};

static void check_commas(void)
{
	char text[512];

	for (size_t i = 0; i < COUNT_OF(comma_options); i++) {
		auto_free char *written = NULL;
		struct plan p = { 0 }, q = { 0 };
		struct err e = { 0 };
		const char *what = "not read";

		snprintf(text, sizeof(text),
			HEAD PROCESS
			"},\"mounts\":[{\"destination\":\"/x\",\"type\":\"tmpfs\",\"options\":[%s]}]}",
			comma_options[i]);
		if (oci_read(&p, text, strlen(text), &e) == 0) {
			written = oci_write(&p, false);
			if (oci_read(&q, written, strlen(written), &e) == 0)
				what = plan_differs(&p, &q);
		}
		if (!tap_ok(!what && p.mounts[0].data && !p.mounts[0].attr, "the options %s",
			    comma_options[i]))
			printf("# %s, %s: %s\n", what, e.msg, written);
		plan_done(&p);
		plan_done(&q);
	}
}

/* ---- what the runtime cannot do is refused by name, and what plan_make makes is not ---- */

static const struct {
	const char *text, *want;
} unable[] = {
	{ "", "sandbox.root" },
	{ "\"hooks\":{\"prestart\":[{\"path\":\"/x\"}]},", "hooks.prestart" },
};

static void check_unable(void)
{
	char text[512];

	for (size_t i = 0; i < COUNT_OF(unable); i++) {
		struct plan p = { 0 };
		struct err e = { 0 };

		snprintf(text, sizeof(text),
			HEAD
			"%s" PROCESS
			",\"noNewPrivileges\":true},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"}]}%s}",
			unable[i].text,
			i ? ",\"annotations\":{\"sandbox.root\":\"ephemeral\"}" : "");
		if (!tap_ok(oci_read(&p, text, strlen(text), &e) == 0 && oci_check(&p, &e) < 0 &&
				    strstr(e.msg, unable[i].want) &&
				    strstr(e.msg, "not supported yet"),
			    "not yet: %s", unable[i].want))
			printf("# %s\n", e.msg);
		plan_done(&p);
	}
}

/* ---- docs/oci-fields.md lists the fields ---- */

__asm__(".section .rodata\n.global fields_page\nfields_page:\n"
	".incbin \"docs/oci-fields.md\"\n.byte 0\n.previous\n");
extern const char fields_page[];

static const char *fate(const struct oci_field *f, bool later)
{
	if (f->kind == OCI_REFUSED)
		return "refused";
	if (f->kind == OCI_IGNORED)
		return "ignored";
	return later || f->flags & OCI_LATER ? "kept, not run yet" : "kept";
}

/* The rows of the page, one by one. */
static void each_field(
	const struct oci_field *f, const char *prefix, bool later, void (*fn)(const char *row))
{
	char name[OCI_NAME_MAX], row[160];

	for (; f->kind != OCI_END; f++) {
		const struct oci_list *l = f->kind == OCI_LIST ? f->more : NULL;
		bool all_later = later || f->flags & OCI_LATER;

		if (strncmp(f->path, "annotations/", 12) == 0)
			continue;
		oci_name(f->path, name);
		snprintf(row, sizeof(row), "| `%s%s` | %s |\n", prefix, name, fate(f, later));
		fn(row);
		snprintf(row, sizeof(row), "%s%s[].", prefix, name);
		if (l && l->rows)
			each_field(l->rows, row, all_later, fn);
	}
}

static void print_row(const char *row)
{
	fputs(row, stdout);
}

static size_t rows_seen;

static void check_row(const char *row)
{
	rows_seen++;
	if (!strstr(fields_page, row))
		tap_ok(false, "docs/oci-fields.md has the row %.*s", (int)strlen(row) - 1, row);
}

static void check_fields_page(void)
{
	size_t rows = 0;

	each_field(oci_fields, "", false, check_row);
	for (const char *s = fields_page; (s = strstr(s, "\n| `")); s++)
		rows += strncmp(s + 4, "sandbox.", 8) != 0;
	tap_int((long long)rows, (long long)rows_seen,
		"docs/oci-fields.md has these rows, and no more");
	for (const struct oci_field *f = oci_fields; f->kind != OCI_END; f++)
		if (strncmp(f->path, "annotations/sandbox.", 20) == 0 &&
			!strstr(fields_page, f->path + strlen("annotations/")))
			tap_ok(false, "docs/oci-fields.md tells of %s", f->path);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--fields") == 0) {
		each_field(oci_fields, "", false, print_row);
		return 0;
	}
	check_members();
	check_full();
	check_document("podman.json", oci_podman, strlen(oci_podman));
	check_document("docker.json", oci_docker, strlen(oci_docker));
	check_document("containerd.json", oci_containerd, strlen(oci_containerd));
	check_tool("runc spec");
	check_tool("runc spec --rootless");
	check_tool("crun spec");
	check_refused();
	check_commas();
	check_unable();
	check_fields_page();
	return tap_done();
}
