/*
 * confine: what --cap-add, --cap-drop, --security-opt, --ulimit, --memory, --cpus, --pids-limit,
 * --network and
 * --publish make of a plan.
 */
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/resource.h>

#include "plan/defaults.h"
#include "plan_facts.h"
#include "seccomp/table.h"
#include "tap.h"
#include "util/capname.h"

#define BIT(cap) (UINT64_C(1) << (cap))
#define ALL_CAPS ((UINT64_C(1) << CAPNAME_COUNT) - 1)

/* A plan of these options; false where it was refused. */
static bool make(struct plan *p, struct run_options *o, struct err *e)
{
	static const struct host_facts h = {
		.hostname = "host", .kernel = "5.4.0-x", .cwd = "/", .rootfs = "/r"
	};
	static const struct image_config c = { 0 };

	o->command = run_true;
	*e = (struct err){ 0 };
	return plan_make(p, &c, o, &h, e) == 0;
}

static struct strv words_of(struct arena *a, const char *words)
{
	struct strv l = { 0 };

	while (*words) {
		size_t n = strcspn(words, " ");

		strv_add(a, &l, arena_strndup(a, words, n));
		words += n + (words[n] == ' ');
	}
	return l;
}

static void test_caps(struct arena *a)
{
	const uint64_t base = defaults_caps();
	const struct {
		const char *add, *drop;
		uint64_t want; /* 0: refused */
	} rows[] = {
		{ "", "", base },
		{ "SYS_ADMIN", "", base | BIT(CAP_SYS_ADMIN) },
		{ "cap_sys_admin", "", base | BIT(CAP_SYS_ADMIN) },
		{ "NET_ADMIN,SYS_TIME", "", base | BIT(CAP_NET_ADMIN) | BIT(CAP_SYS_TIME) },
		{ "", "CHOWN", base & ~BIT(CAP_CHOWN) },
		{ "CHOWN", "CHOWN", base },
		{ "ALL", "", ALL_CAPS },
		{ "all", "CAP_MKNOD KILL", ALL_CAPS & ~(BIT(CAP_MKNOD) | BIT(CAP_KILL)) },
		{ "CHOWN", "ALL", BIT(CAP_CHOWN) },
		{ "nothing", "", 0 },
		{ "CHOWN,", "", 0 },
		{ "", "21", 0 },
		{ "CAP_CAP_CHOWN", "", 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct run_options o = { .cap_add = words_of(a, rows[i].add),
			.cap_drop = words_of(a, rows[i].drop) };
		struct err e;
		struct plan p;
		bool made = make(&p, &o, &e);

		tap_ok(made == (rows[i].want != 0) && (!made || p.caps.bounding == rows[i].want),
			"capabilities: add \"%s\", drop \"%s\"", rows[i].add, rows[i].drop);
		plan_done(&p);
	}
}

static void test_limits(struct arena *a)
{
	static const struct {
		const char *text;
		int resource; /* -1: refused */
		uint64_t soft, hard;
	} rows[] = {
		{ "nofile=10:20", RLIMIT_NOFILE, 10, 20 },
		{ "core=0", RLIMIT_CORE, 0, 0 },
		{ "memlock=-1", RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY },
		{ "stack=8192:unlimited", RLIMIT_STACK, 8192, RLIM_INFINITY },
		{ "core=10m", RLIMIT_CORE, 10 << 20, 10 << 20 },
		{ "memlock=1.5k:2GiB", RLIMIT_MEMLOCK, 1536, 2147483648 },
		{ "nproc=unlimited", RLIMIT_NPROC, RLIM_INFINITY, RLIM_INFINITY },
		{ "nofile=-1:-1", RLIMIT_NOFILE, RLIM_INFINITY, RLIM_INFINITY },
		{ "nofile=1k", -1, 0, 0 },
		{ "cpu=10m", -1, 0, 0 },
		{ "core=-2", -1, 0, 0 },
		{ "core=0000000000000000000000000000000000001", -1, 0, 0 },
		{ "nofile=20:10", -1, 0, 0 },
		{ "nofile=-1:10", -1, 0, 0 },
		{ "nofile", -1, 0, 0 },
		{ "nofile=", -1, 0, 0 },
		{ "nofile=1:", -1, 0, 0 },
		{ "nofile=1x", -1, 0, 0 },
		{ "files=1", -1, 0, 0 },
		{ "=1", -1, 0, 0 },
		{ "nofile=99999999999999999999", -1, 0, 0 },
	};
	struct run_options o = { .memory = "64m", .cpus = "1.5", .pids_limit = "100" };
	static const char *const bad[][3] = { { "5m" }, { "x" }, { NULL, "0.001" }, { NULL, "-1" },
		{ NULL, "0x2" }, { NULL, "1e3" }, { NULL, "nan" }, { NULL, "" },
		{ NULL, NULL, "many" } };
	struct err e;
	struct plan p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct run_options one = { .ulimits = words_of(a, rows[i].text) };
		bool made = make(&p, &one, &e);

		tap_ok(made == (rows[i].resource >= 0) &&
				(!made || (p.n_rlimits == 1 &&
						  p.rlimits[0].resource == rows[i].resource &&
						  p.rlimits[0].soft == rows[i].soft &&
						  p.rlimits[0].hard == rows[i].hard)),
			"ulimit %s", rows[i].text);
		plan_done(&p);
	}
	tap_ok(make(&p, &o, &e) && p.limits.memory == 64u << 20 && p.limits.cpu_quota == 150000 &&
			p.limits.pids == 100,
		"limits of a cgroup");
	plan_done(&p);
	o = (struct run_options){ .pids_limit = "-1", .ulimits = words_of(a, "core=1 core=2") };
	tap_ok(make(&p, &o, &e) && p.limits.pids == 0 && p.n_rlimits == 1 && p.rlimits[0].soft == 2,
		"no limit, and the last of a name counts");
	plan_done(&p);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		o = (struct run_options){
			.memory = bad[i][0], .cpus = bad[i][1], .pids_limit = bad[i][2]
		};
		tap_ok(!make(&p, &o, &e), "refuses limit %zu", i);
		plan_done(&p);
	}
}

static bool has(const char *const *paths, const char *path)
{
	for (; *paths; paths++)
		if (strcmp(*paths, path) == 0)
			return true;
	return false;
}

static void test_security(struct arena *a)
{
	static const char *const bad[] = { "apparmor=x", "label=type:y", "no-new-privileges=false",
		"mask=x", "mask=/", "mask=/a:/..", "mask=/a*/b*", "systempaths=other", "seccomp",
		"" };
	static const char profile[] =
		"{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": ["
		"{\"names\": [\"mkdir\"], \"action\": \"SCMP_ACT_ERRNO\", "
		"\"includes\": {\"minKernel\": \"5.4\", \"caps\": [\"CAP_SYSLOG\"]}},"
		"{\"names\": [\"rmdir\"], \"action\": \"SCMP_ACT_ERRNO\", "
		"\"excludes\": {\"minKernel\": \"5.4\"}},"
		"{\"names\": [\"link\"], \"action\": \"SCMP_ACT_ERRNO\", "
		"\"excludes\": {\"caps\": [\"CAP_SYSLOG\"]}}]}";
	struct run_options o = { .security = words_of(
					 a, "no-new-privileges label=disable mask=/a/../b:/c") };
	struct err e;
	struct plan p;

	tap_ok(make(&p, &o, &e) && has(p.masked_paths, "/b") && has(p.masked_paths, "/c") &&
			has(p.masked_paths, "/proc/kcore"),
		"mask");
	plan_done(&p);
	o.security = words_of(a, "unmask=/proc/kcore:/proc/sys mask=/proc/kcore");
	tap_ok(make(&p, &o, &e) && has(p.masked_paths, "/proc/kcore") &&
			!has(p.read_only_paths, "/proc/sys") && has(p.read_only_paths, "/proc/irq"),
		"unmask, in the order of the options");
	plan_done(&p);
	o.security = words_of(a, "unmask=/proc/a*");
	tap_ok(make(&p, &o, &e) && !has(p.masked_paths, "/proc/acpi") &&
			has(p.masked_paths, "/proc/keys"),
		"unmask a pattern");
	plan_done(&p);
	o.security = words_of(a, "unmask=ALL");
	tap_ok(make(&p, &o, &e) && !p.masked_paths[0] && !p.read_only_paths[0], "unmask all");
	plan_done(&p);
	o.security = words_of(a, "seccomp=unconfined");
	tap_ok(make(&p, &o, &e) && !p.seccomp, "no filter");
	plan_done(&p);
	o = (struct run_options){ .security = words_of(a, "seccomp=unconfined seccomp=default") };
	tap_ok(make(&p, &o, &e) && p.seccomp == &seccomp_docker, "the default filter");
	plan_done(&p);
	o = (struct run_options){ .security = words_of(a, "seccomp=file"),
		.seccomp_profile = profile,
		.cap_add = words_of(a, "SYSLOG") };
	tap_ok(make(&p, &o, &e) && p.seccomp && p.seccomp->default_verdict == SECCOMP_RET_ALLOW &&
			p.seccomp->rules.n == 1 &&
			strcmp(p.seccomp->rules.v[0].names, "mkdir") == 0,
		"a profile, of which the rules remain that count");
	plan_done(&p);
	o.seccomp_profile = "{}";
	tap_ok(!make(&p, &o, &e) && strstr(e.msg, "--security-opt seccomp=file: seccomp profile: "),
		"a profile that is not valid");
	plan_done(&p);
	o.seccomp_profile = NULL;
	tap_ok(!make(&p, &o, &e), "a profile that is not there");
	plan_done(&p);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct strv one = { 0 };

		strv_add_copy(a, &one, bad[i]);
		o = (struct run_options){ .security = one };
		tap_ok(!make(&p, &o, &e), "refuses --security-opt \"%s\"", bad[i]);
		plan_done(&p);
	}
}

static void test_ports(struct arena *a)
{
	static const struct {
		const char *text, *ports; /* ports NULL: refused */
	} rows[] = {
		{ "8080:80", "8080-8080:80-80/tcp" },
		{ "127.0.0.1:8080:80/tcp", "127.0.0.1/8080-8080:80-80/tcp" },
		{ "[::1]:53:53/udp", "::1/53-53:53-53/udp" },
		{ "8000-8002:9000-9002", "8000-8002:9000-9002/tcp" },
		{ "8000-8002:9000", NULL },
		{ "80", NULL },
		{ "0:80", NULL },
		{ "70000:80", NULL },
		{ "80:80/sctp", NULL },
		{ "evil,1:2:3", NULL },
		{ ":80:80", NULL },
		{ "80:80 ", NULL },
		{ "[::1:80:80", NULL },
	};
	struct run_options o = { .publish = words_of(a, "80:80") };
	struct err e;
	struct plan p;

	tap_ok(!make(&p, &o, &e) && strstr(e.msg, "private"),
		"ports of the host's network cannot be published");
	plan_done(&p);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strv one = { 0 };
		bool made;

		strv_add_copy(a, &one, rows[i].text);
		o = (struct run_options){ .network = "private", .publish = one };
		made = make(&p, &o, &e);
		tap_ok(made == (rows[i].ports != NULL) &&
				(!made || strcmp(p.ports, rows[i].ports) == 0),
			"publish \"%s\"", rows[i].text);
		plan_done(&p);
	}
}

int main(void)
{
	struct arena a = { 0 };

	test_caps(&a);
	test_limits(&a);
	test_security(&a);
	test_ports(&a);
	arena_done(&a);
	return tap_done();
}
