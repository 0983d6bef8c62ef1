/*
 * seccomp_profile: Docker's JSON means what it means to Docker, and what is wrong with it is said.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>

#include "plan/defaults.h"
#include "seccomp/compile.h"
#include "seccomp/profile.h"
#include "seccomp_run.h"
#include "tap.h"
#include "util/capname.h"
#include "util/fd.h"
#include "util/json.h"

#define FAIL(code) (SECCOMP_RET_ERRNO | (code))
#define ALLOW SECCOMP_RET_ALLOW

static const char *const op_names[] = { "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ",
	"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ" };

/* Docker's names of the first bits of SECCOMP_ON_*. */
static const char *const arch_names[] = { "amd64", "x32", "x86", "arm64", "arm", "ppc64le",
	"riscv64", "s390", "s390x" };

static json *when_to_json(const struct seccomp_when *w)
{
	json *obj = json_new_obj(), *caps = json_new_arr(), *arches = json_new_arr();

	for (unsigned i = 0; i < CAPNAME_COUNT; i++)
		if (w->caps & 1ull << i)
			json_add(caps, json_new_str(capnames[i]));
	for (unsigned i = 0; i < sizeof(arch_names) / sizeof(*arch_names); i++)
		if (w->arches & 1u << i)
			json_add(arches, json_new_str(arch_names[i]));
	json_put(obj, "caps", caps);
	json_put(obj, "arches", arches);
	if (w->min_kernel)
		json_put(obj, "minKernel", json_new_str("4.8"));
	return obj;
}

static json *rule_to_json(const struct seccomp_rule *r)
{
	json *obj = json_new_obj(), *args = json_new_arr(), *names = json_new_arr();

	for (const char *n = r->names; *n; n += strlen(n) + 1)
		json_add(names, json_new_str(n));
	json_put(obj, "names", names);
	json_put_str(obj, "action", r->verdict == ALLOW ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO");
	if (r->verdict != ALLOW)
		json_put_int(obj, "errnoRet", r->verdict & SECCOMP_RET_DATA);
	for (size_t i = 0; i < r->n_args; i++) {
		json *arg = json_new_obj();

		json_put_int(arg, "index", r->args[i].index);
		json_put_int(arg, "value", (int64_t)r->args[i].value);
		json_put_int(arg, "valueTwo", (int64_t)r->args[i].value_two);
		json_put_str(arg, "op", op_names[r->args[i].op]);
		json_add(args, arg);
	}
	json_put(obj, "args", args);
	json_put_str(obj, "comment", "");
	json_put(obj, "includes", when_to_json(&r->includes));
	json_put(obj, "excludes", when_to_json(&r->excludes));
	return obj;
}

/* The table as Docker would write it. */
static char *docker_text(void)
{
	json *top = json_new_obj(), *map = json_new_arr(), *list = json_new_arr();
	static const char *const machines[][3] = { { "SCMP_ARCH_S390X", "SCMP_ARCH_S390", NULL },
		{ "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32" },
		{ "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", NULL } };
	char *text;

	for (size_t i = 0; i < 3; i++) {
		json *entry = json_new_obj(), *subs = json_new_arr();

		json_put_str(entry, "architecture", machines[i][0]);
		for (size_t k = 1; k < 3 && machines[i][k]; k++)
			json_add(subs, json_new_str(machines[i][k]));
		json_put(entry, "subArchitectures", subs);
		json_add(map, entry);
	}
	for (size_t i = 0; i < seccomp_docker.rules.n; i++)
		json_add(list, rule_to_json(&seccomp_docker.rules.v[i]));
	json_put_str(top, "defaultAction", "SCMP_ACT_ERRNO");
	json_put_int(top, "defaultErrnoRet", EPERM);
	json_put(top, "archMap", map);
	json_put(top, "syscalls", list);
	text = json_dump(top, true);
	json_freep(&top);
	return text;
}

/* What is written of a policy is read as the same policy, and is written again as it was. */
static void check_written(const struct seccomp_policy *p, const struct seccomp_target *t)
{
	auto_free char *text = seccomp_profile_text(p, t), *again = NULL;
	struct seccomp_filter want = { 0 }, have = { 0 };
	struct seccomp_policy read = { 0 };
	struct arena a = { 0 };
	struct err e = { 0 };

	tap_ok(seccomp_profile_parse(text, strlen(text), t, &a, &read, &e) == 0 &&
			seccomp_compile(p, t, &want, &e) == 0 &&
			seccomp_compile(&read, t, &have, &e) == 0 && have.n == want.n &&
			memcmp(have.insns, want.insns, want.n * sizeof(*want.insns)) == 0 &&
			read.flags == p->flags,
		"a written policy is read as it was %s", e.msg);
	again = seccomp_profile_text(&read, t);
	tap_str(again, text, "and written as it was");
	seccomp_filter_done(&want);
	seccomp_filter_done(&have);
	arena_done(&a);
}

/* Docker's own profile, given as a file, makes the filter that it makes as the default. */
static void check_docker(void)
{
	static const uint64_t more[] = { 0, 1ull << CAP_SYS_ADMIN, 1ull << CAP_SYS_PTRACE,
		UINT64_MAX >> 23 };
	auto_free char *text = docker_text();

	for (size_t i = 0; i < 8; i++) {
		struct seccomp_target t = { .arch = i & 1 ? SECCOMP_ON_ARM64 : SECCOMP_ON_AMD64,
			.kernel = SECCOMP_KERNEL(i & 1 ? 4 : 6, 1),
			.caps = defaults_caps() | more[i / 2],
			.names = seccomp_run_names(i & 1 ? SECCOMP_ON_ARM64 : SECCOMP_ON_AMD64) };
		struct seccomp_filter want = { 0 }, have = { 0 };
		struct seccomp_policy p;
		struct arena a = { 0 };
		struct err e = { 0 };

		tap_ok(seccomp_profile_parse(text, strlen(text), &t, &a, &p, &e) == 0 &&
				seccomp_compile(&p, &t, &have, &e) == 0 &&
				seccomp_compile(&seccomp_docker, &t, &want, &e) == 0 &&
				have.n == want.n &&
				memcmp(have.insns, want.insns, want.n * sizeof(*want.insns)) == 0 &&
				p.flags == seccomp_docker.flags,
			"Docker's profile as a file is the default (%#llx) %s",
			(unsigned long long)t.caps, e.msg);
		check_written(&seccomp_docker, &t);
		check_written(&p, &t);
		seccomp_filter_done(&want);
		seccomp_filter_done(&have);
		arena_done(&a);
	}
}

static const struct {
	const char *what, *text;
} wrong[] = {
	{ "not valid JSON", "{" },
	{ "not an object", "[]" },
	{ "defaultAction", "{}" },
	{ "defaultAction", "{\"defaultAction\": 3}" },
	{ "SCMP_ACT_NO", "{\"defaultAction\": \"SCMP_ACT_NO\"}" },
	{ "SCMP_ACT_NOTIFY", "{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}" },
	{ "defaultErrnoRet", "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 4096}" },
	{ "defaultErrnoRet", "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": -1}" },
	{ "listenerPath", "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": \"/x\"}" },
	{ "archMap", "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": "
		     "[\"SCMP_ARCH_X86\"], \"archMap\": "
		     "[{\"architecture\": \"SCMP_ARCH_X86_64\"}]}" },
	{ "SCMP_ARCH_VAX",
		"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_VAX\"]}" },
	{ "FLAG_NO", "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": "
		     "[\"SECCOMP_FILTER_FLAG_NO\"]}" },
	{ "syscalls", "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": {}}" },
	{ "entry 1", "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [7]}" },
	{ "action", "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": "
		    "[\"read\"]}]}" },
};

/* The same for what stands in one rule. */
static const struct {
	const char *what, *text;
} wrong_rules[] = {
	{ "\"name\" and \"names\"", "\"name\": \"read\", \"names\": [\"write\"]" },
	{ "names", "\"names\": [3]" },
	{ "index", "\"names\": [\"read\"], \"args\": [{\"index\": 6, \"value\": 1, \"op\": "
		   "\"SCMP_CMP_EQ\"}]" },
	{ "index", "\"names\": [\"read\"], \"args\": [{\"value\": 1, \"op\": \"SCMP_CMP_EQ\"}]" },
	{ "below 0", "\"names\": [\"read\"], \"args\": [{\"index\": 0, \"value\": -1, \"op\": "
		     "\"SCMP_CMP_EQ\"}]" },
	{ "op", "\"names\": [\"read\"], \"args\": [{\"index\": 0, \"value\": 1}]" },
	{ "SCMP_CMP_NO", "\"names\": [\"read\"], \"args\": [{\"index\": 0, \"value\": 1, \"op\": "
			 "\"SCMP_CMP_NO\"}]" },
	{ "args", "\"names\": [\"read\"], \"args\": [null]" },
	{ "minKernel", "\"names\": [\"read\"], \"includes\": {\"minKernel\": \"4\"}" },
	{ "minKernel", "\"names\": [\"read\"], \"includes\": {\"minKernel\": \"4.8.1\"}" },
	{ "minKernel", "\"names\": [\"read\"], \"excludes\": {\"minKernel\": \"-4.8\"}" },
	{ "caps", "\"names\": [\"read\"], \"includes\": {\"caps\": \"CAP_SYS_ADMIN\"}" },
	{ "includes", "\"names\": [\"read\"], \"includes\": []" },
};

static void check_wrong_text(const char *text, const char *what)
{
	struct seccomp_policy p;
	struct arena a = { 0 };
	struct err e = { 0 };
	struct seccomp_target t = { .arch = SECCOMP_ON_AMD64 };
	int r = seccomp_profile_parse(text, strlen(text), &t, &a, &p, &e);

	if (!tap_ok(r < 0 && strstr(e.msg, what) && strstr(e.msg, "seccomp profile"), "refused: %s",
		    what))
		printf("# %s\n# %s\n", text, e.msg);
	arena_done(&a);
}

static void check_wrong(void)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		check_wrong_text(wrong[i].text, wrong[i].what);
	for (size_t i = 0; i < sizeof(wrong_rules) / sizeof(*wrong_rules); i++) {
		char text[512];

		(void)snprintf(text, sizeof(text),
			"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"action\": "
			"\"SCMP_ACT_ALLOW\", %s}]}",
			wrong_rules[i].text);
		check_wrong_text(text, wrong_rules[i].what);
	}
}

/* One of everything, and what it decides for x86_64 numbers. */
static void check_fields(void)
{
	static const char text[] =
		"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 13,"
		" \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", "
		"\"SCMP_ARCH_S390X\"],"
		" \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\", \"SECCOMP_FILTER_FLAG_TSYNC\"], "
		"\"unknown\": 1, \"syscalls\": ["
		"{\"name\": \"read\", \"action\": \"SCMP_ACT_ALLOW\", \"comment\": \"old "
		"spelling\"},"
		"{\"names\": [\"write\"], \"action\": \"SCMP_ACT_ERRNO\"},"
		"{\"names\": [\"open\"], \"action\": \"SCMP_ACT_TRACE\", \"errnoRet\": 65535},"
		"{\"names\": [\"close\"], \"action\": \"SCMP_ACT_KILL\"},"
		"{\"names\": [\"stat\"], \"action\": \"SCMP_ACT_KILL_PROCESS\"},"
		"{\"names\": [\"fstat\"], \"action\": \"SCMP_ACT_TRAP\"},"
		"{\"names\": [\"lstat\"], \"action\": \"SCMP_ACT_LOG\"},"
		"{\"names\": [\"poll\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 0},"
		/* two comparisons of one argument: either; of two arguments: both */
		"{\"names\": [\"lseek\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
		"  {\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}, {\"index\": 0, "
		"\"value\": 5, \"op\": \"SCMP_CMP_GT\"}]},"
		"{\"names\": [\"mmap\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
		"  {\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_EQ\"}, {\"index\": 1, "
		"\"value\": 5, \"op\": \"SCMP_CMP_GT\"}]},"
		"{\"names\": [\"brk\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": "
		"[\"CAP_TO_COME\"]}},"
		"{\"names\": [\"getpid\"], \"action\": \"SCMP_ACT_ALLOW\", \"excludes\": "
		"{\"caps\": [\"CAP_TO_COME\"]}},"
		"{\"names\": [\"gettid\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": "
		"{\"arches\": [\"vax\"]}},"
		"{\"names\": [\"getuid\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": "
		"{\"minKernel\": \"5.10\"}},"
		"{\"names\": [\"getgid\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": "
		"{\"minKernel\": \"5.4\"}},"
		"{\"names\": [\"ioctl\", \"nonsense\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": "
		"null, \"includes\": null}]}";
	static const struct {
		uint32_t nr, verdict;
		uint64_t args[2];
	} calls[] = {
		{ 0, ALLOW, { 0 } },
		{ 1, FAIL(EPERM), { 0 } },
		{ 2, SECCOMP_RET_TRACE | 65535, { 0 } },
		{ 3, SECCOMP_RET_KILL_THREAD, { 0 } },
		{ 4, SECCOMP_RET_KILL_PROCESS, { 0 } },
		{ 5, SECCOMP_RET_TRAP, { 0 } },
		{ 6, SECCOMP_RET_LOG, { 0 } },
		{ 7, FAIL(0), { 0 } },
		{ 8, ALLOW, { 1 } },
		{ 8, ALLOW, { 6 } },
		{ 8, FAIL(13), { 5 } },
		{ 9, ALLOW, { 1, 6 } },
		{ 9, FAIL(13), { 1, 5 } },
		{ 9, FAIL(13), { 0, 6 } },
		{ 12, FAIL(13), { 0 } },
		{ 39, ALLOW, { 0 } },
		{ 186, FAIL(13), { 0 } },
		{ 102, FAIL(13), { 0 } },
		{ 104, ALLOW, { 0 } },
		{ 16, ALLOW, { 0, 1 } },
		{ 16, FAIL(EPERM), { 0, 0x5412 } },
		{ 511, FAIL(ENOSYS), { 0 } },
		{ 0x40000000, SECCOMP_RET_KILL_PROCESS, { 0 } },
	};
	struct seccomp_target t = { .arch = SECCOMP_ON_AMD64,
		.kernel = SECCOMP_KERNEL(5, 4),
		.caps = UINT64_MAX >> 23,
		.names = seccomp_run_names(SECCOMP_ON_AMD64) };
	struct seccomp_policy p;
	struct seccomp_filter f = { 0 };
	struct arena a = { 0 };
	struct err e = { 0 };

	if (tap_ok(seccomp_profile_parse(text, sizeof(text) - 1, &t, &a, &p, &e) == 0 &&
			    seccomp_compile(&p, &t, &f, &e) == 0,
		    "a profile with one of everything %s", e.msg)) {
		tap_int(p.flags, SECCOMP_FILTER_FLAG_LOG, "its flags");
		tap_int(p.abis & SECCOMP_ON_X86, SECCOMP_ON_X86, "its architectures");
	}
	for (size_t i = 0; f.n && i < sizeof(calls) / sizeof(*calls); i++) {
		struct seccomp_data d = { .nr = (int)calls[i].nr, .arch = AUDIT_ARCH_X86_64 };

		memcpy(d.args, calls[i].args, sizeof(calls[i].args));
		tap_int(seccomp_run(f.insns, f.n, &d), calls[i].verdict, "a rule decides");
	}
	check_written(&p, &t);
	seccomp_filter_done(&f);
	arena_done(&a);
}

/*
 * Podman's profile of the same purpose, as Debian's golang-github-containers-common installs it,
 * decides otherwise in these calls alone: it lets a container make containers, and leaves to the
 * kernel what asks for a capability anyhow; what Docker allows beyond it is newer than the file,
 * but for vmsplice and io_pgetevents, which Podman refuses.
 */
static const char *const podman_allows[] = { "clone3", "fsconfig", "fsmount", "fsopen", "fspick",
	"get_mempolicy", "keyctl", "mbind", "mount", "mount_setattr", "move_mount", "open_tree",
	"pidfd_getfd", "pivot_root", "reboot", "set_mempolicy", "set_mempolicy_home_node", "setns",
	"syslog", "umount2", "unshare", NULL };
static const char *const docker_allows[] = { "cachestat", "fchmodat2", "futex_requeue",
	"futex_wait", "futex_waitv", "futex_wake", "getxattrat", "io_pgetevents", "listmount",
	"listxattrat", "map_shadow_stack", "mseal", "removexattrat", "setxattrat", "statmount",
	"uretprobe", "vmsplice", NULL };

static bool listed(const char *const *list, const char *name)
{
	while (*list && strcmp(*list, name) != 0)
		list++;
	return *list != NULL;
}

static void check_podman(void)
{
	auto_file file = fopen("/usr/share/containers/seccomp.json", "re");
	auto_free char *text = file ? fd_read_all(fileno(file), 1 << 20, NULL) : NULL;
	struct seccomp_target t = { .arch = SECCOMP_ON_AMD64,
		.kernel = SECCOMP_KERNEL(6, 1),
		.caps = defaults_caps(),
		.names = seccomp_run_names(SECCOMP_ON_AMD64) };
	struct seccomp_filter ours = { 0 }, theirs = { 0 };
	struct seccomp_policy p;
	struct arena a = { 0 };
	struct err e = { 0 };
	unsigned differ = 0, same = 0;

	if (!text) {
		tap_skip("Podman's profile", "golang-github-containers-common is not installed");
		return;
	}
	if (tap_ok(seccomp_profile_parse(text, strlen(text), &t, &a, &p, &e) == 0 &&
			    seccomp_compile(&p, &t, &theirs, &e) == 0 &&
			    seccomp_compile(&seccomp_docker, &t, &ours, &e) == 0,
		    "Podman's profile is read %s", e.msg)) {
		for (uint32_t nr = 0; nr < 512; nr++) {
			struct seccomp_data d = {
				.nr = (int)nr, .arch = AUDIT_ARCH_X86_64, .args = { 1 }
			};
			bool we = seccomp_run(ours.insns, ours.n, &d) == ALLOW;
			bool they = seccomp_run(theirs.insns, theirs.n, &d) == ALLOW;
			auto_free char *name =
				seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, (int)nr);

			if (we == they) {
				same++;
			} else if (!name || !listed(we ? docker_allows : podman_allows, name)) {
				differ++;
				printf("# %s: %s\n", name ? name : "?", we ? "docker" : "podman");
			}
		}
		tap_ok(differ == 0 && same > 400,
			"Podman's profile differs where it is known to (%u calls alike)", same);
	}
	seccomp_filter_done(&ours);
	seccomp_filter_done(&theirs);
	arena_done(&a);
}

int main(void)
{
	check_docker();
	check_wrong();
	check_fields();
	check_podman();
	return tap_done();
}
