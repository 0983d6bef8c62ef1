/*
 * mounts: default mounts, volumes and generated files of a plan, as tables.
 * Run by prove.
 * Touches memory only.
 */
#include <linux/mount.h>
#include <linux/sched.h>
#include <stdlib.h>

#include "plan/defaults.h"
#include "plan/make.h"
#include "plan/plan.h"
#include "plan_facts.h"
#include "tap.h"
#include "util/log.h"

/* One mount as text: kind, source, target, attributes, data. */
static void described(const struct plan_mount *m, char *buf, size_t size)
{
	static const char *const kinds[] = { [MOUNT_BIND] = "bind",
		[MOUNT_TMPFS] = "tmpfs",
		[MOUNT_PROC] = "proc",
		[MOUNT_CGROUP] = "cgroup",
		[MOUNT_DEVPTS] = "devpts",
		[MOUNT_MQUEUE] = "mqueue",
		[MOUNT_DEV] = "dev" };

	snprintf(buf, size, "%s %s%s%s%s%s%s%s%s%s%s%s", kinds[m->kind],
		m->kind == MOUNT_BIND ? m->src : "", m->kind == MOUNT_BIND ? " " : "", m->dst,
		(m->attr | m->rattr) & MOUNT_ATTR_RDONLY ? " ro" : "",
		(m->attr | m->rattr) & MOUNT_ATTR_NOSUID ? " nosuid" : "",
		(m->attr | m->rattr) & MOUNT_ATTR_NOEXEC ? " noexec" : "",
		(m->attr | m->rattr) & MOUNT_ATTR_NODEV ? " nodev" : "", m->data ? " " : "",
		m->data ? m->data : "", m->optional ? " optional" : "",
		m->copy_up ? " copy-up" : "");
}

static const char *const default_list[] = {
	"proc /proc nosuid noexec nodev",
	"dev /dev nosuid mode=0755,size=65536k",
	"devpts /dev/pts nosuid noexec newinstance,ptmxmode=0666,mode=0620",
	"tmpfs /dev/shm nosuid noexec nodev mode=1777,size=65536k",
	"mqueue /dev/mqueue nosuid noexec nodev optional",
	"bind /sys /sys ro nosuid noexec nodev optional",
	"cgroup /sys/fs/cgroup ro nosuid noexec nodev optional",
};
#define DEFAULT_COUNT (sizeof(default_list) / sizeof(default_list[0]))

static const char *const default_files[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/hostname" };
#define FILE_COUNT (sizeof(default_files) / sizeof(default_files[0]))
#define ALL_COUNT (DEFAULT_COUNT + FILE_COUNT)

static void test_default_mounts(void)
{
	struct image_config c = { 0 };
	struct run_options o = { .command = run_true };
	struct host_facts h = facts();
	struct err e;
	struct plan p;
	char buf[512];

	tap_int(plan_make(&p, &c, &o, &h, &e), 0, "a plan with nothing asked for");
	tap_int((long long)p.n_mounts, DEFAULT_COUNT, "has the default mounts");
	for (size_t i = 0; i < DEFAULT_COUNT && i < p.n_mounts; i++) {
		described(&p.mounts[i], buf, sizeof(buf));
		tap_str(buf, default_list[i], p.mounts[i].dst);
	}
	tap_int((long long)p.n_files, FILE_COUNT, "and the default files");
	for (size_t i = 0; i < FILE_COUNT && i < p.n_files; i++)
		tap_str(p.files[i].dst, default_files[i], default_files[i]);
	plan_done(&p);
}

#define FROM_JOB "ro nosuid noexec nodev optional"

/* What is shown below /sys/fs/cgroup, and whether the cgroup namespace is the sandbox's own. */
static const struct {
	const char *name, *network;
	bool v1;
	list cgroups; /* host_facts.cgroups */
	const char *memory, *want;
} cgroups[] = {
	{ "version 2", "host", false, { 0 }, NULL, "cgroup /sys/fs/cgroup " FROM_JOB "\n" },
	{ "version 2, a limit above", "none", false, { "/sys/fs/cgroup", "/sys/fs/cgroup/job" },
		NULL, "bind /sys/fs/cgroup/job /sys/fs/cgroup " FROM_JOB "\n" },
	{ "version 2, a limit above and an own one", "host", false,
		{ "/sys/fs/cgroup", "/sys/fs/cgroup/job" }, "1g",
		"cgroup /sys/fs/cgroup " FROM_JOB "\n" },
	{ "version 1: the host's, which came with /sys", "host", true, { 0 }, NULL, "" },
	{ "version 1, with a /sys of its own", "none", true, { 0 }, NULL,
		"bind /sys/fs/cgroup /sys/fs/cgroup " FROM_JOB "\n" },
	{ "version 1, limits above", "host", true,
		{ "/sys/fs/cgroup/memory/job/step", "/sys/fs/cgroup/memory/job",
			"/sys/fs/cgroup/cpu/job/step", "/sys/fs/cgroup/cpu/job" },
		NULL,
		"bind /sys/fs/cgroup/memory/job /sys/fs/cgroup/memory/job/step " FROM_JOB
		"\nbind /sys/fs/cgroup/cpu/job /sys/fs/cgroup/cpu/job/step " FROM_JOB "\n" },
};

static void test_cgroups(void)
{
	for (size_t i = 0; i < sizeof(cgroups) / sizeof(*cgroups); i++) {
		struct image_config c = { 0 };
		struct arena a = { 0 };
		struct run_options o = { .command = run_true,
			.network = cgroups[i].network,
			.memory = cgroups[i].memory };
		struct host_facts h = facts();
		char text[1024] = "", one[512];
		struct err e;
		struct plan p;

		h.cgroups_v1 = cgroups[i].v1;
		h.cgroups = listed_strv(&a, cgroups[i].cgroups);
		(void)plan_make(&p, &c, &o, &h, &e);
		for (size_t m = 0; m < p.n_mounts; m++) {
			if (strncmp(p.mounts[m].dst, "/sys/fs/cgroup", 14) != 0)
				continue;
			described(&p.mounts[m], one, sizeof(one));
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n", one);
		}
		tap_str(text, cgroups[i].want, cgroups[i].name);
		tap_ok(!(p.namespaces & CLONE_NEWCGROUP) == cgroups[i].v1, "%s: the namespace",
			cgroups[i].name);
		plan_done(&p);
		arena_done(&a);
	}
}

/* Mounts behind the defaults, in order, one per line; or part of the error. */
static const struct {
	const char *name;
	list volumes, tmpfs, image;
	bool read_only;
	const char *want, *error;
} volumes[] = {
	{ "plain", { "/src:/dst" }, { 0 }, { 0 }, false, "bind /src /dst\n", NULL },
	{ "read-only", { "/src:/dst:ro" }, { 0 }, { 0 }, false, "bind /src /dst ro\n", NULL },
	{ "options", { "/s:/d:ro,noexec,nosuid,nodev" }, { 0 }, { 0 }, false,
		"bind /s /d ro nosuid noexec nodev\n", NULL },
	{ "options that change nothing", { "/s:/d:rw,exec,suid,dev" }, { 0 }, { 0 }, false,
		"bind /s /d\n", NULL },
	{ "options without a meaning",
		{ "/s:/d:z,Z,U,cached,delegated,consistent,private,rslave,nocopy" }, { 0 }, { 0 },
		false, "bind /s /d\n", NULL },
	{ "empty options", { "/s:/d:,ro,," }, { 0 }, { 0 }, false, "bind /s /d ro\n", NULL },
	{ "relative source", { "data:/d", "./x/../y:/e", ".:/f" }, { 0 }, { 0 }, false,
		"bind /home/me/data /d\nbind /home/me/./x/../y /e\nbind /home/me/. /f\n", NULL },
	{ "target is cleaned", { "/s://a/./b/../c/" }, { 0 }, { 0 }, false, "bind /s /a/c\n",
		NULL },
	{ "nearer to the root first", { "/1:/a/b/c", "/2:/a", "/3:/z/y", "/4:/a/b" }, { "/b" },
		{ 0 }, false,
		"bind /2 /a\ntmpfs /b nosuid noexec nodev mode=1777\nbind /3 /z/y\nbind /4 "
		"/a/b\nbind /1 /a/b/c\n",
		NULL },
	{ "a target alone", { "/data" }, { 0 }, { 0 }, false,
		"tmpfs /data nosuid nodev mode=0755 copy-up\n", NULL },
	{ "tmpfs", { 0 }, { "/t" }, { 0 }, false, "tmpfs /t nosuid noexec nodev mode=1777\n",
		NULL },
	{ "tmpfs with options", { 0 }, { "/t:size=64m,mode=0700,exec,ro,tmpcopyup" }, { 0 }, false,
		"tmpfs /t ro nosuid nodev mode=0700,size=67108864 copy-up\n", NULL },
	{ "tmpfs of half the memory", { 0 }, { "/t:rw,size=50%" }, { 0 }, false,
		"tmpfs /t nosuid noexec nodev mode=1777,size=50%\n", NULL },
	{ "volumes of the image are there anyway", { 0 }, { 0 }, { "/data" }, false, "", NULL },
	{ "with --read-only they get a tmpfs", { 0 }, { 0 },
		{ "/data/x", "/data", "rel", "/../..", "/proc", "/" }, true,
		"tmpfs /data nosuid nodev mode=0755 copy-up\ntmpfs /data/x nosuid nodev mode=0755 "
		"copy-up\n",
		NULL },
	{ "unless the user has something there", { "/s:/data" }, { "/t" }, { "/data/", "/t" }, true,
		"bind /s /data\ntmpfs /t nosuid noexec nodev mode=1777\n", NULL },
	{ "a CPU table from outside", { "/s:/proc/cpuinfo" }, { 0 }, { 0 }, false,
		"bind /s /proc/cpuinfo\n", NULL },
	{ "unknown option", { "/s:/d:ro,frob" }, { 0 }, { 0 }, false, NULL,
		"volume /s:/d:ro,frob: unknown option \"frob\"" },
	{ "raw mount data", { "/s:/d:lowerdir=/etc" }, { 0 }, { 0 }, false, NULL,
		"unknown option \"lowerdir=/etc\"" },
	{ "an overlay that would not be one", { "/s:/d:O" }, { 0 }, { 0 }, false, NULL,
		"unknown option \"O\"" },
	{ "ro and rw", { "/s:/d:ro,rw" }, { 0 }, { 0 }, false, NULL, "option \"rw\" contradicts" },
	{ "rw and ro", { "/s:/d:rw,ro" }, { 0 }, { 0 }, false, NULL, "option \"ro\" contradicts" },
	{ "no source", { ":/d" }, { 0 }, { 0 }, false, NULL, "SRC:DST" },
	{ "no target", { "/s:" }, { 0 }, { 0 }, false, NULL, "SRC:DST" },
	{ "four parts", { "/s:/d:ro:x" }, { 0 }, { 0 }, false, NULL, "SRC:DST" },
	{ "relative target", { "/s:d" }, { 0 }, { 0 }, false, NULL, "must start with /" },
	{ "a volume name alone", { "data" }, { 0 }, { 0 }, false, NULL, "must start with /" },
	{ "the root", { "/s:/" }, { 0 }, { 0 }, false, NULL, "root of the sandbox" },
	{ "the root in disguise", { "/s:/a/../." }, { 0 }, { 0 }, false, NULL,
		"root of the sandbox" },
	{ "above the root", { "/s:/../proc" }, { 0 }, { 0 }, false, NULL, "procfs of its own" },
	{ "all of /proc", { "/proc:/proc" }, { 0 }, { 0 }, false, NULL, "procfs of its own" },
	{ "inside /proc", { "/s:/proc/self/attr" }, { 0 }, { 0 }, false, NULL,
		"procfs of its own" },
	{ "procfs of its own", { 0 }, { "/proc/sys" }, { 0 }, false, NULL, "procfs of its own" },
	{ "the same target twice", { "/s:/d", "/t:/d/" }, { 0 }, { 0 }, false, NULL,
		"another mount on /d" },
	{ "volume and tmpfs on one target", { "/s:/d" }, { "/d" }, { 0 }, false, NULL,
		"another mount on /d" },
	{ "tmpfs with a wrong size", { 0 }, { "/t:size=64mx" }, { 0 }, false, NULL,
		"tmpfs /t:size=64mx: size 64mx: not a size" },
	{ "tmpfs with no size", { 0 }, { "/t:size=" }, { 0 }, false, NULL, "not a size" },
	{ "tmpfs with what tmpfs(5) takes", { 0 },
		{ "/t:nr_inodes=1k,nr_blocks=10,mode=0,uid=0,gid=0,mpol=default,sync" }, { 0 },
		false, "tmpfs /t nosuid noexec nodev mode=0,nr_inodes=1024,nr_blocks=10\n", NULL },
	{ "tmpfs of an id that is no number", { 0 }, { "/t:uid=root" }, { 0 }, false, NULL,
		"--tmpfs /t:uid=root: uid=root: must be a number" },
	{ "tmpfs with inodes that are no number", { 0 }, { "/t:nr_inodes=x" }, { 0 }, false, NULL,
		"nr_inodes x: not a size" },
	{ "tmpfs with a wrong mode", { 0 }, { "/t:mode=0799" }, { 0 }, false, NULL,
		"not an octal mode" },
	{ "tmpfs with an unknown option", { 0 }, { "/t:huge=always" }, { 0 }, false, NULL,
		"unknown option \"huge=always\"" },
	{ "tmpfs without a target", { 0 }, { "" }, { 0 }, false, NULL, "must start with /" },
};

static void test_volumes(void)
{
	char have[2048], line[512], name[128];

	for (size_t i = 0; i < sizeof(volumes) / sizeof(volumes[0]); i++) {
		struct arena a = { 0 };
		struct image_config c = { .volumes = listed(&a, volumes[i].image) };
		struct run_options o = { .volumes = listed_strv(&a, volumes[i].volumes),
			.tmpfs = listed_strv(&a, volumes[i].tmpfs),
			.read_only = volumes[i].read_only,
			.command = run_true };
		struct host_facts h = facts();
		struct err e = { 0 };
		struct plan p;
		int r = plan_make(&p, &c, &o, &h, &e);

		have[0] = '\0';
		for (size_t m = DEFAULT_COUNT; r == 0 && m < p.n_mounts; m++) {
			described(&p.mounts[m], line, sizeof(line));
			snprintf(have + strlen(have), sizeof(have) - strlen(have), "%s\n", line);
		}
		snprintf(name, sizeof(name), "volume: %s", volumes[i].name);
		if (volumes[i].want && r == 0)
			tap_str(have, volumes[i].want, name);
		else if (!tap_ok(!volumes[i].want && r < 0 && strstr(e.msg, volumes[i].error), "%s",
				 name))
			printf("# %s\n", e.msg);
		plan_done(&p);
		arena_done(&a);
	}
}

static const struct plan_mount *mount_on(const struct plan *p, const char *dst)
{
	const struct plan_mount *found = NULL;

	for (size_t i = 0; i < p->n_mounts; i++)
		if (strcmp(p->mounts[i].dst, dst) == 0)
			found = &p->mounts[i];
	return found;
}

static const struct plan_file *file_on(const struct plan *p, const char *dst)
{
	for (size_t i = 0; i < p->n_files; i++)
		if (strcmp(p->files[i].dst, dst) == 0)
			return &p->files[i];
	return NULL;
}

/* A volume over a default takes its place, and that of what lies below it. */
static void test_replaced(void)
{
	static const struct {
		const char *volume;
		const char *gone;
		size_t left;
	} cases[] = {
		{ "/s:/etc/hosts", "/etc/hosts", ALL_COUNT },
		{ "/s:/etc/resolv.conf", "/etc/resolv.conf", ALL_COUNT },
		{ "/s:/etc", "/etc/hostname", ALL_COUNT - 2 },
		{ "/s:/dev/shm", "/dev/shm", ALL_COUNT },
		{ "/s:/dev", "/dev/pts", ALL_COUNT - 3 },
		{ "/s:/sys", "/sys/fs/cgroup", ALL_COUNT - 1 },
		{ "/s:/etc/hosts.d", NULL, ALL_COUNT + 1 },
		{ "/s:/devices", NULL, ALL_COUNT + 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena a = { 0 };
		struct image_config c = { 0 };
		struct run_options o = { .volumes = listed_strv(&a, (list){ cases[i].volume }),
			.command = run_true };
		struct host_facts h = facts();
		struct err e;
		struct plan p;
		const struct plan_mount *m;

		(void)plan_make(&p, &c, &o, &h, &e);
		m = cases[i].gone ? mount_on(&p, cases[i].gone) : NULL;
		tap_ok(p.n_mounts + p.n_files == cases[i].left && (!m || m->kind == MOUNT_BIND),
			"replaced by %s", cases[i].volume);
		plan_done(&p);
		arena_done(&a);
	}
}

static void test_files(void)
{
	static const struct {
		const char *name, *network, *hosts, *hostname, *want;
	} cases[] = {
		/* The host's own name is left to the host: on a loopback MPI's ranks would not
		   meet. */
		{ "no file on the host", NULL, NULL, NULL,
			"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
			"ip6-loopback\n" },
		{ "no file on the host, own network", "none", NULL, NULL,
			"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
			"ip6-loopback\n127.0.0.1\t0123456789ab\n" },
		{ "the host's names with its network", "host",
			"127.0.0.1 localhost\n192.0.2.7 node7", "me",
			"127.0.0.1 localhost\n192.0.2.7 node7\n127.0.0.1\tme\n" },
		{ "a host without localhost", NULL, "192.0.2.7 node7\n", "me",
			"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
			"ip6-loopback\n192.0.2.7 node7\n127.0.0.1\tme\n" },
		{ "alone without network", "none", "192.0.2.7 node7\n", "me",
			"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
			"ip6-loopback\n127.0.0.1\tme\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image_config c = { 0 };
		struct run_options o = { .network = cases[i].network,
			.hostname = cases[i].hostname,
			.command = run_true };
		struct host_facts h = facts();
		struct err e;
		struct plan p;
		char name[64];

		h.hosts = cases[i].hosts;
		(void)plan_make(&p, &c, &o, &h, &e);
		snprintf(name, sizeof(name), "hosts: %s", cases[i].name);
		tap_str(file_on(&p, "/etc/hosts")->text, cases[i].want, name);
		plan_done(&p);
	}
}

static void test_files_left(void)
{
	struct image_config c = { 0 };
	struct run_options o = { .hostname = "box", .read_only = true, .command = run_true };
	struct host_facts h = facts();
	struct err e;
	struct plan p;

	h.resolv_conf = NULL;
	(void)plan_make(&p, &c, &o, &h, &e);
	tap_ok(!file_on(&p, "/etc/resolv.conf"), "no resolv.conf where the host has none");
	tap_str(file_on(&p, "/etc/hostname")->text, "box\n", "hostname has the name");
	tap_ok(p.read_only && p.root_mode == ROOT_EPHEMERAL,
		"the root is read-only, and so are they");
	plan_done(&p);
}

int main(void)
{
	log_set_level(LOG_QUIET);
	test_default_mounts();
	test_cgroups();
	test_volumes();
	test_replaced();
	test_files();
	test_files_left();
	return tap_done();
}
