/*
 * plan files: the texts of --mount, --device and of sizes, and what goes into /etc, as tables.
 * Run by prove.
 * Touches memory only.
 */
#include <linux/mount.h>
#include <stdlib.h>

#include "plan/etc.h"
#include "plan/mount_option.h"
#include "plan_facts.h"
#include "tap.h"
#include "util/log.h"
#include "util/number.h"
#include "util/size.h"

static void described(const struct plan_mount *m, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s %s%s%s%s%s%s%s%s",
		m->device		? "device "
		: m->kind == MOUNT_BIND ? "bind "
					: "tmpfs",
		m->src ? m->src : "", "", m->dst,
		(m->attr | m->rattr) & MOUNT_ATTR_RDONLY ? " ro" : "",
		(m->attr | m->rattr) & MOUNT_ATTR_NOSUID ? " nosuid" : "",
		(m->attr | m->rattr) & MOUNT_ATTR_NOEXEC ? " noexec" : "",
		(m->attr | m->rattr) & MOUNT_ATTR_NODEV ? " nodev" : "", m->data ? " " : "",
		m->data ? m->data : "", m->copy_up ? " copy-up" : "");
}

/* want: the mount as text; else part of the error */
static const struct {
	const char *text, *want, *error;
} mounts[] = {
	{ "type=bind,src=/s,dst=/d", "bind /s /d", NULL },
	{ "type=bind,source=/s,target=/d", "bind /s /d", NULL },
	{ "type=bind,source=/s,destination=/d,readonly", "bind /s /d ro", NULL },
	{ "dst=/d,ro=true,src=/s,type=bind", "bind /s /d ro", NULL },
	{ "type=bind,src=/s,dst=/d,ro=false", "bind /s /d", NULL },
	{ "type=bind,src=/s,dst=/d,ro=0,noexec,nosuid,nodev", "bind /s /d nosuid noexec nodev",
		NULL },
	{ "type=bind,src=s,dst=/d", "bind /home/me/s /d", NULL },
	{ "type=bind,src=/s,dst=/d,bind-propagation=rprivate", "bind /s /d", NULL },
	{ "type=bind,src=/s,dst=/d,bind-recursive=enabled", "bind /s /d", NULL },
	{ "type=bind,src=/s,dst=/d,consistency=cached", "bind /s /d", NULL },
	{ "type=bind,src=/s,dst=/d,relabel=shared", "bind /s /d", NULL },
	{ "type=bind,\"src=/a,b\",dst=/d", "bind /a,b /d", NULL },
	{ "type=bind,\"src=/a\"\"b\",dst=/d", "bind /a\"b /d", NULL },
	{ "type=bind,src=/s,dst=/../d/../../e", "bind /s /e", NULL },
	{ "type=bind,src=/s,dst=/proc/1", NULL, "/proc" },
	{ "type=bind,src=/s,dst=d", NULL, "start with /" },
	{ "type=bind,src=/s,dst=/", NULL, "root of the sandbox" },
	{ "type=bind,src=/s", NULL, "needs dst" },
	{ "type=bind,dst=/d", NULL, "needs src" },
	{ "type=bind,src=,dst=/d", NULL, "src needs a value" },
	{ "type=bind,src=/s,dst=/d,ro=maybe", NULL, "true or false" },
	{ "type=bind,src=/s,dst=/d,bind-recursive=disabled", NULL, "bind-recursive" },
	{ "type=bind,src=/s,dst=/d,bind-nonrecursive=true", NULL, "is not supported" },
	{ "type=bind,src=/s,dst=/d,bind-propagation=up", NULL, "unknown option \"up\"" },
	{ "type=bind,src=/s,dst=/d,tmpfs-size=1m", NULL, "unknown" },
	{ "type=bind,src=/s,dst=/d,what=1", NULL, "unknown key \"what\"" },
	{ "type=bind,,src=/s,dst=/d", NULL, "unknown key \"\"" },
	{ "", NULL, "unknown key \"\"" },
	{ "\"type=bind", NULL, "quote" },
	{ "type=tmpfs,dst=/d", "tmpfs /d nosuid noexec nodev mode=1777", NULL },
	{ "type=tmpfs,dst=/d,tmpfs-size=1m,tmpfs-mode=700",
		"tmpfs /d nosuid noexec nodev mode=700,size=1048576", NULL },
	{ "type=tmpfs,dst=/d,tmpfs-size=1.5GB,exec",
		"tmpfs /d nosuid nodev mode=1777,size=1610612736", NULL },
	{ "type=tmpfs,dst=/d,tmpfs-size=0", NULL, "tmpfs-size 0: must be at least 1" },
	{ "type=tmpfs,dst=/d,tmpfs-size=1m,size=2", NULL, "unknown key \"size\"" },
	{ "type=tmpfs,dst=/d,tmpfs-mode=99", NULL, "octal" },
	{ "type=tmpfs,dst=/d,\"tmpfs-mode=700,mpol=bind\"", NULL, "is not one value" },
	{ "type=tmpfs,src=/s,dst=/d", NULL, "has no source" },
	{ "dst=/d", "tmpfs /d nosuid nodev mode=0755 copy-up", NULL },
	{ "type=volume,dst=/d,volume-nocopy", "tmpfs /d nosuid nodev mode=0755 copy-up", NULL },
	{ "type=volume,src=data,dst=/d", NULL, "named volumes are not" },
	{ "type=volume,dst=/d,volume-driver=x", NULL, "is not supported" },
	{ "type=npipe,src=/s,dst=/d", NULL, "type must be" },
};

static const struct {
	const char *text, *want, *error;
} devices[] = {
	{ "/dev/fuse", "device /dev/fuse /dev/fuse nosuid noexec", NULL },
	{ "/dev/fuse:/dev/other", "device /dev/fuse /dev/other nosuid noexec", NULL },
	{ "/dev/fuse:rwm", "device /dev/fuse /dev/fuse nosuid noexec", NULL },
	{ "/dev/fuse:/dev/other:rw", "device /dev/fuse /dev/other nosuid noexec", NULL },
	{ "/dev/fuse:r", NULL, "must be rw or rwm" },
	{ "/dev/fuse:/dev/other:m", NULL, "must be rw or rwm" },
	{ "/dev/fuse:/dev/other:x", NULL, "form" },
	{ "/dev/fuse::rw", NULL, "form" },
	{ "dev/fuse", NULL, "form" },
	{ "", NULL, "form" },
	{ "/dev/fuse:/proc/1/mem", NULL, "/proc" },
};

static void judge(int r, const struct plan_mount *m, const struct err *e, const char *text,
	const char *want, const char *error)
{
	char buf[256], name[160];

	snprintf(name, sizeof(name), "\"%s\"", text);
	if (error) {
		if (!tap_ok(r < 0 && strstr(e->msg, error), "%s is refused", name))
			printf("# %s\n", r < 0 ? e->msg : "it was not");
		return;
	}
	if (r == 0)
		described(m, buf, sizeof(buf));
	tap_str(r == 0 ? buf : e->msg, want, name);
}

static void test_mounts(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		struct arena a = { 0 };
		struct plan_mount m;
		struct err e;
		int r = mount_text_parse(
			&(struct mount_text){ mounts[i].text, "/home/me", &a, NULL, NULL }, &m, &e);

		judge(r, &m, &e, mounts[i].text, mounts[i].want, mounts[i].error);
		arena_done(&a);
	}
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		struct arena a = { 0 };
		struct plan_mount m;
		struct err e;
		int r = mount_text_device(
			&(struct mount_text){ devices[i].text, NULL, &a, NULL, NULL }, &m, &e);

		judge(r, &m, &e, devices[i].text, devices[i].want, devices[i].error);
		arena_done(&a);
	}
}

static void test_sizes(void)
{
	static const struct {
		const char *text;
		long long want; /* -1: refused */
	} cases[] = { { "0", 0 }, { "500", 500 }, { "500b", 500 }, { "64k", 65536 },
		{ "64K", 65536 }, { "64kb", 65536 }, { "64KiB", 65536 }, { "1m", 1048576 },
		{ "1.5m", 1572864 }, { "2G", 2147483648 }, { "1t", 1099511627776 }, { "0.5k", 512 },
		{ "8388607t", 9223370937343148032 }, { "8388608t", -1 }, { "99999999t", -1 },
		{ "", -1 }, { "m", -1 }, { "-1", -1 }, { "1.m", -1 }, { ".5m", -1 }, { "1x", -1 },
		{ "1ki", -1 }, { "1mm", -1 }, { "1 m", -1 }, { "0x10", -1 }, { "1e3", -1 },
		{ "9999999999999999999", -1 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t n = 0;
		char name[64];

		snprintf(name, sizeof(name), "size \"%s\"", cases[i].text);
		tap_int(size_parse(cases[i].text, &n) ? (long long)n : -1, cases[i].want, name);
	}
}

static void test_number(void)
{
	static const struct {
		const char *text;
		uint64_t max, want;
		bool good;
	} cases[] = {
		{ "0", 0, 0, true },
		{ "007", 7, 7, true },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX, true },
		{ "18446744073709551616", UINT64_MAX, 0, false },
		{ "99999999999999999999", UINT64_MAX, 0, false },
		{ "65536", 65535, 0, false },
		{ "", UINT64_MAX, 0, false },
		{ "-1", UINT64_MAX, 0, false },
		{ "+1", UINT64_MAX, 0, false },
		{ " 1", UINT64_MAX, 0, false },
		{ "1x", UINT64_MAX, 0, false },
	};
	uint64_t n;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[64];
		bool good = number_read(cases[i].text, strlen(cases[i].text), cases[i].max, &n);

		snprintf(name, sizeof(name), "number \"%s\"", cases[i].text);
		tap_ok(good == cases[i].good && (!good || n == cases[i].want), "%s", name);
	}
}

static void test_etc(void)
{
	static const struct {
		list add, dns;
		const char *resolv, *want_hosts, *want_resolv, *error;
	} cases[] = {
		{ { "a:192.0.2.1", "b=192.0.2.2" }, { 0 }, "x\n", "192.0.2.1\ta\n192.0.2.2\tb\n",
			"x\n", NULL },
		{ { "a:2001:db8::1", "b:[2001:db8::2]" }, { 0 }, NULL,
			"2001:db8::1\ta\n2001:db8::2\tb\n", NULL, NULL },
		{ { "gate:host-gateway" }, { 0 }, NULL, "127.0.0.1\tgate\n", NULL, NULL },
		{ { 0 }, { "192.0.2.1", "2001:db8::1" },
			"# text\nnameserver 192.0.2.9\n nameserver\t192.0.2.8\nsearch a b\noptions "
			"x",
			"",
			"nameserver 192.0.2.1\nnameserver 2001:db8::1\n# text\nsearch a b\noptions "
			"x\n",
			NULL },
		{ { 0 }, { "192.0.2.1" }, NULL, "", "nameserver 192.0.2.1\n", NULL },
		{ { "a" }, { 0 }, NULL, NULL, NULL, "NAME:IP" },
		{ { ":192.0.2.1" }, { 0 }, NULL, NULL, NULL, "NAME:IP" },
		{ { "a b:192.0.2.1" }, { 0 }, NULL, NULL, NULL, "NAME:IP" },
		{ { "a:192.0.2.1\n0.0.0.0 b" }, { 0 }, NULL, NULL, NULL, "not an IP" },
		{ { "a:300.0.0.1" }, { 0 }, NULL, NULL, NULL, "not an IP" },
		{ { "a:" }, { 0 }, NULL, NULL, NULL, "not an IP" },
		{ { 0 }, { "name" }, NULL, "", NULL, "not an IP" },
		{ { 0 }, { "" }, NULL, "", NULL, "not an IP" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plan p = { .network = NETWORK_HOST, .hostname = (char *)"node1" };
		struct host_facts h = facts();
		struct run_options o = { 0 };
		char *hosts, *resolv = NULL;
		struct err e = { 0 };
		int r = -1;

		h.resolv_conf = cases[i].resolv;
		o.add_host = listed_strv(&p.arena, cases[i].add);
		o.dns = listed_strv(&p.arena, cases[i].dns);
		hosts = etc_hosts(&p, &o, &h, &e);
		if (hosts)
			r = etc_resolv_conf(&p, &o, &h, &resolv, &e);
		if (cases[i].error) {
			tap_ok(r < 0 && strstr(e.msg, cases[i].error), "etc %zu: refused", i);
		} else {
			tap_ok(r == 0 && strncmp(hosts, cases[i].want_hosts,
						 strlen(cases[i].want_hosts)) == 0,
				"etc %zu: hosts", i);
			tap_ok(r == 0 &&
					(cases[i].want_resolv
							? resolv &&
								  strcmp(resolv,
									  cases[i].want_resolv) == 0
							: !resolv),
				"etc %zu: resolv.conf", i);
		}
		arena_done(&p.arena);
	}
}

int main(void)
{
	log_set_level(LOG_QUIET);
	test_mounts();
	test_sizes();
	test_number();
	test_etc();
	return tap_done();
}
