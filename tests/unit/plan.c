/*
 * plan: what an image's config and the options become, by Docker's rules, as tables.
 * Run by prove.
 * Touches memory only.
 */
#include "plan/plan.h"

#include <linux/sched.h>
#include <stdlib.h>

#include "plan/defaults.h"
#include "plan/make.h"
#include "plan/oci.h"
#include "plan_facts.h"
#include "seccomp/table.h"
#include "tap.h"
#include "util/capname.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"
#include "util/path_max.h"

static const struct {
	const char *name;
	list entrypoint, cmd;
	const char *option;
	list command;
	const char *want; /* NULL: no command */
} commands[] = {
	{ "entrypoint and cmd", { "/e", "-x" }, { "a" }, NULL, { 0 }, "/e|-x|a|" },
	{ "cmd alone", { 0 }, { "sh", "-l" }, NULL, { 0 }, "sh|-l|" },
	{ "entrypoint alone", { "/e" }, { 0 }, NULL, { 0 }, "/e|" },
	{ "a command replaces cmd", { "/e" }, { "a", "b" }, NULL, { "c" }, "/e|c|" },
	{ "a command alone", { 0 }, { 0 }, NULL, { "c", "" }, "c||" },
	{ "--entrypoint takes cmd with it", { "/e" }, { "a" }, "/n", { 0 }, "/n|" },
	{ "--entrypoint and a command", { "/e" }, { "a" }, "/n", { "c" }, "/n|c|" },
	{ "--entrypoint is one word", { 0 }, { 0 }, "sh -c x", { 0 }, "sh -c x|" },
	{ "an empty --entrypoint and a command", { "/e" }, { "a" }, "", { "c", "d" }, "c|d|" },
	{ "an empty --entrypoint clears cmd too", { "/e" }, { "a" }, "", { 0 }, NULL },
	{ "nothing anywhere", { 0 }, { 0 }, NULL, { 0 }, NULL },
};

static void test_commands(void)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct arena a = { 0 };
		struct image_config c = { .entrypoint = listed(&a, commands[i].entrypoint),
			.cmd = listed(&a, commands[i].cmd) };
		struct run_options o = { .entrypoint = commands[i].option,
			.command = listed(&a, commands[i].command) };
		struct host_facts h = facts();
		struct err e = { 0 };
		struct plan p;
		char buf[256], name[128];
		int r = plan_make(&p, &c, &o, &h, &e);

		snprintf(name, sizeof(name), "args: %s", commands[i].name);
		if (commands[i].want)
			tap_str(joined(p.args, buf, sizeof(buf)), commands[i].want, name);
		else
			tap_ok(r < 0 && e.status == 0 && strstr(e.msg, "no command") && e.hint[0],
				"%s", name);
		plan_done(&p);
		arena_done(&a);
	}
}

#define BASE "PATH=" PATH_DEFAULT "|HOSTNAME=node1|"

static const struct {
	const char *name;
	list image, option;
	const char *term, *user, *want;
} environments[] = {
	{ "defaults", { 0 }, { 0 }, NULL, "", BASE "container=sandbox|HOME=/root|" },
	{ "a terminal", { 0 }, { 0 }, "xterm-256color", "",
		BASE "TERM=xterm-256color|container=sandbox|HOME=/root|" },
	{ "the image's PATH and HOME win", { "PATH=/bin", "HOME=/h" }, { 0 }, NULL, "",
		"PATH=/bin|HOSTNAME=node1|container=sandbox|HOME=/h|" },
	{ "the image's TERM and HOSTNAME too", { "TERM=dumb", "HOSTNAME=x" }, { 0 }, "xterm", "",
		"PATH=" PATH_DEFAULT "|HOSTNAME=x|TERM=dumb|container=sandbox|HOME=/root|" },
	{ "options win over the image", { "A=1", "B=2" }, { "A=3", "C=" }, NULL, "",
		BASE "container=sandbox|A=3|B=2|C=|HOME=/root|" },
	{ "the last option of a name wins", { 0 }, { "A=1", "A=2" }, NULL, "",
		BASE "container=sandbox|A=2|HOME=/root|" },
	{ "HOME by option", { 0 }, { "HOME=/x" }, NULL, "app", BASE "container=sandbox|HOME=/x|" },
	{ "a name without a value is taken out", { "A=1", "B=2" }, { "A", "PATH", "NONE" }, NULL,
		"", "HOSTNAME=node1|container=sandbox|B=2|HOME=/root|" },
	{ "names are compared whole", { "AB=1" }, { "A=2", "AB" }, NULL, "",
		BASE "container=sandbox|A=2|HOME=/root|" },
	{ "HOME of a user", { 0 }, { 0 }, NULL, "app", BASE "container=sandbox|HOME=/home/app|" },
	{ "HOME of an unlisted number", { 0 }, { 0 }, NULL, "31337",
		BASE "container=sandbox|HOME=/|" },
	{ "an option without a name is nothing", { 0 }, { "=x" }, NULL, "",
		BASE "container=sandbox|HOME=/root|" },
};

static void test_environments(void)
{
	for (size_t i = 0; i < sizeof(environments) / sizeof(environments[0]); i++) {
		struct arena a = { 0 };
		struct image_config c = { .env = listed(&a, environments[i].image) };
		struct run_options o = { .env = listed_strv(&a, environments[i].option),
			.user = environments[i].user,
			.command = run_true };
		struct host_facts h = facts();
		struct err e;
		struct plan p;
		char buf[512], name[128];

		h.term = environments[i].term;
		snprintf(name, sizeof(name), "env: %s", environments[i].name);
		(void)plan_make(&p, &c, &o, &h, &e);
		tap_str(joined(p.env, buf, sizeof(buf)), environments[i].want, name);
		plan_done(&p);
		arena_done(&a);
	}
}

static const struct {
	const char *image, *option;
	bool no_files;
	uint32_t uid, gid;
	const char *home, *error;
} users[] = {
	{ NULL, NULL, false, 0, 0, "/root", NULL },
	{ "", "", false, 0, 0, "/root", NULL },
	{ "app", NULL, false, 1000, 1001, "/home/app", NULL },
	{ "app", "root", false, 0, 0, "/root", NULL },
	{ "1000", NULL, false, 1000, 1001, "/home/app", NULL },
	{ "app:staff", NULL, false, 1000, 50, "/home/app", NULL },
	{ "app:7", NULL, false, 1000, 7, "/home/app", NULL },
	{ "1000:wheel", NULL, false, 1000, 10, "/home/app", NULL },
	{ "12:34", NULL, false, 12, 34, "/", NULL },
	{ "12", NULL, false, 12, 0, "/", NULL },
	{ ":staff", NULL, false, 0, 50, "/root", NULL },
	{ "app:", NULL, false, 1000, 1001, "/home/app", NULL },
	{ "nohome", NULL, false, 1002, 1002, "/", NULL },
	{ "last", NULL, false, 4294967294u, 9, "/last", NULL },
	{ "4294967294:4294967294", NULL, false, 4294967294u, 4294967294u, "/last", NULL },
	{ "42", NULL, false, 42, 0, "/",
		NULL }, /* a number is an id, also where somebody has it for a name */
	{ "1000", NULL, true, 1000, 0, "/", NULL },
	{ NULL, NULL, true, 0, 0, "/root", NULL },
	{ "0:0", NULL, true, 0, 0, "/root", NULL },
	{ "app", NULL, true, 0, 0, NULL, "user app: no such user in the image's /etc/passwd" },
	{ "nobody", NULL, false, 0, 0, NULL, "user nobody: no such user" },
	{ "app:nogroup", NULL, false, 0, 0, NULL,
		"the image's user app:nogroup: no such group in the image's /etc/group" },
	{ "4294967295", NULL, false, 0, 0, NULL, "above the highest id" },
	{ "0:4294967295", NULL, false, 0, 0, NULL, "above the highest id" },
	{ "4294967296", NULL, false, 0, 0, NULL, "above the highest id" },
	{ "99999999999999999999999999", NULL, false, 0, 0, NULL, "above the highest id" },
	{ "top", NULL, false, 0, 0, NULL, "no such user" },
	{ "bad", NULL, false, 0, 0, NULL, "no such user" },
	{ "0:bad", NULL, false, 0, 0, NULL, "no such group" },
	{ "-1", NULL, false, 0, 0, NULL, "no such user" },
	{ "1000x", NULL, false, 0, 0, NULL, "no such user" },
	{ " 0", NULL, false, 0, 0, NULL, "no such user" },
	{ "0x10", NULL, false, 0, 0, NULL, "no such user" },
	{ "app:staff:x", NULL, false, 0, 0, NULL, "no such group" },
	{ "bro", NULL, false, 0, 0, NULL, "no such user" },
	{ "a\nb", NULL, false, 0, 0, NULL, "user a\\x0ab" },
};

/* A text from a table for the name of a check: one line. */
static const char *shown(const char *s)
{
	return !s ? "" : strchr(s, '\n') ? "(two lines)" : s;
}

static void test_users(void)
{
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct image_config c = { .user = (char *)users[i].image };
		struct run_options o = { .user = users[i].option, .command = run_true };
		struct host_facts h = facts();
		struct err e = { 0 };
		struct plan p;
		const char *home = "";
		bool good;
		int r;

		if (users[i].no_files)
			h.passwd = h.group = NULL;
		r = plan_make(&p, &c, &o, &h, &e);
		for (char **v = p.env; v && *v; v++)
			if (strncmp(*v, "HOME=", 5) == 0)
				home = *v + 5;
		good = users[i].error
			       ? r < 0 && strstr(e.msg, users[i].error) && e.status == 0
			       : r == 0 && p.uid == users[i].uid && p.gid == users[i].gid &&
					 strcmp(home, users[i].home) == 0 &&
					 p.uid_maps->inside == p.uid && p.gid_maps->inside == p.gid;
		tap_ok(good, "user %zu, \"%s\" and --user \"%s\"%s", i, shown(users[i].image),
			shown(users[i].option), users[i].no_files ? ", no passwd" : "");
		if (!good)
			printf("# %u:%u %s %s\n", p.uid, p.gid, home, e.msg);
		plan_done(&p);
	}
}

static const struct {
	const char *image, *option, *want;
} workdirs[] = {
	{ NULL, NULL, "/" },
	{ "", "", "/" },
	{ "/srv/app", NULL, "/srv/app" },
	{ "srv//./app/", NULL, "/srv/app" },
	{ "/a/../b", NULL, "/b" },
	{ "/a", "/b", "/b" },
	{ "/a", "b", "/b" },
	{ "/../etc", NULL, "/etc" },
	{ "a/../../../etc/..", NULL, "/" },
	{ "/a", "../../b", "/b" },
};

static void test_workdirs(void)
{
	for (size_t i = 0; i < sizeof(workdirs) / sizeof(workdirs[0]); i++) {
		struct image_config c = { .working_dir = (char *)workdirs[i].image };
		struct run_options o = { .workdir = workdirs[i].option, .command = run_true };
		struct host_facts h = facts();
		struct err e = { 0 };
		struct plan p;
		int r = plan_make(&p, &c, &o, &h, &e);

		tap_ok(r == 0 && strcmp(p.cwd, workdirs[i].want) == 0,
			"cwd: image \"%s\", option \"%s\"",
			workdirs[i].image ? workdirs[i].image : "",
			workdirs[i].option ? workdirs[i].option : "");
		plan_done(&p);
	}
}

static void test_identity(void)
{
	static const struct {
		const char *hostname, *network, *error;
	} wrong[] = {
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL,
			"at most 64" },
		{ "a b", NULL, "only letters" },
		{ "a\n127.0.0.1 evil", NULL, "only letters" },
		{ "-a", NULL, "only letters" },
		{ NULL, "mynet", "--network mynet: must be host, none or private" },
		{ NULL, "container:a", "--network container:a: must be host, none or private" },
		{ NULL, "", "must be host, none or private" },
	};
	const unsigned spaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
				CLONE_NEWUTS | CLONE_NEWCGROUP;
	struct image_config c = { 0 };
	struct host_facts h = facts();
	struct err e;
	struct plan p;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct run_options bad = { .hostname = wrong[i].hostname,
			.network = wrong[i].network,
			.command = run_true };

		tap_ok(plan_make(&p, &c, &bad, &h, &e) < 0 && strstr(e.msg, wrong[i].error),
			"refuses hostname or network %zu", i);
		plan_done(&p);
	}

	struct run_options o = { .command = run_true };

	(void)plan_make(&p, &c, &o, &h, &e);
	tap_str(p.hostname, "node1", "the hostname is the host's, with the host's network");
	struct plan own = { 0 };
	struct run_options alone = { .command = run_true, .network = "none" };

	(void)plan_make(&own, &c, &alone, &h, &e);
	tap_str(own.hostname, "0123456789ab", "the hostname is the short id, without it");
	plan_done(&own);
	tap_ok(p.namespaces == spaces && p.network == NETWORK_HOST,
		"all namespaces but that of the network");
	tap_ok(p.n_uid_maps == 1 && p.uid_maps->inside == 0 && p.uid_maps->outside == 12345 &&
			p.uid_maps->count == 1,
		"the caller is root inside");
	tap_ok(p.n_gid_maps == 1 && p.gid_maps->inside == 0 && p.gid_maps->outside == 100 &&
			p.gid_maps->count == 1,
		"with one group");
	tap_int((long long)p.caps.bounding, 0xa80425fbLL,
		"Docker's capabilities"); /* as CapBnd shows in a container of Docker's */
	tap_ok(p.seccomp == &seccomp_docker && p.emulate && p.n_rlimits == 0 && !p.no_init,
		"the default filter, no limits, an init");
	plan_done(&p);

	o = (struct run_options){ .command = run_true, .network = "none", .no_init = true };
	h.image_id = NULL;
	(void)plan_make(&p, &c, &o, &h, &e);
	tap_ok(p.namespaces == (spaces | CLONE_NEWNET) && p.network == NETWORK_NONE,
		"--network none adds a namespace");
	tap_str(p.hostname, "sandbox", "an image without an id");
	tap_ok(p.no_init, "--no-init");
	plan_done(&p);
	plan_done(&p);
	plan_done(NULL);
}

static bool has(const char *want, const char *const *paths)
{
	for (; *paths; paths++)
		if (strcmp(*paths, want) == 0)
			return true;
	return false;
}

static void test_paths(void)
{
	static const char *const masked[] = { "/proc/kcore", "/proc/keys", "/proc/interrupts",
		"/proc/timer_list", "/sys/firmware", "/sys/devices/virtual/powercap" };
	static const char *const read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
		"/proc/sysrq-trigger" };
	bool good = true;

	for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]); i++)
		good &= has(masked[i], defaults_masked_paths);
	for (size_t i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++)
		good &= has(read_only[i], defaults_read_only_paths);
	tap_ok(good, "masked and read-only paths");
	good = true;
	for (size_t i = 0; i < CAPNAME_COUNT; i++)
		good &= capnames[i] && strncmp(capnames[i], "CAP_", 4) == 0;
	tap_ok(good, "each capability has a name");
}

/* The printed plan, read back: member after member down to a text. */
static const char *text_at(const json *j, const char *const *keys)
{
	for (; *keys; keys++)
		j = **keys >= '0' && **keys <= '9' ? json_at(j, (size_t)atoi(*keys))
						   : json_get(j, *keys);
	return json_text(j);
}

static void test_print(void)
{
	struct arena a = { 0 };
	struct image_config c = { .user = (char *)"app" };
	struct run_options o = { .volumes = listed_strv(&a, (list){ "/s:/d:ro" }),
		.command = run_true };
	struct host_facts h = facts();
	struct plan_rlimit limit = { .resource = 7, .soft = 1024, .hard = UINT64_MAX };
	struct err e;
	struct plan p;

	(void)plan_make(&p, &c, &o, &h, &e);
	p.rlimits = &limit;
	p.n_rlimits = 1;
	auto_free char *text = oci_write(&p, true);
	auto_json j = json_parse_u64(text, strlen(text), &e);

	tap_str(text_at(j, (list){ "ociVersion" }), "1.1.0", "print: the version that knows rro");
	tap_str(text_at(j, (list){ "process", "args", "0" }), "true", "print: arguments");
	tap_str(text_at(j, (list){ "process", "cwd" }), "/", "print: directory");
	tap_str(text_at(j, (list){ "root", "path" }), "/store/rootfs", "print: root");
	tap_str(text_at(j, (list){ "hostname" }), "node1", "print: hostname");
	tap_str(text_at(j, (list){ "mounts", "0", "type" }), "proc", "print: a mount's type");
	tap_str(text_at(j, (list){ "mounts", "7", "source" }), "/s", "print: a volume's source");
	tap_str(text_at(j, (list){ "mounts", "7", "options", "0" }), "rbind",
		"print: it is recursive");
	tap_str(text_at(j, (list){ "mounts", "7", "options", "1" }), "rro",
		"print: and read-only all the way down");
	tap_str(text_at(j, (list){ "mounts", "3", "options", "4" }), "size=65536k",
		"print: file system options");
	tap_str(text_at(j, (list){ "process", "capabilities", "bounding", "0" }), "CAP_CHOWN",
		"print: bounding set");
	tap_ok(!text_at(j, (list){ "process", "capabilities", "effective", "0" }),
		"print: a user holds no capability");
	tap_str(text_at(j, (list){ "linux", "namespaces", "0", "type" }), "user",
		"print: namespaces");
	tap_str(text_at(j, (list){ "linux", "maskedPaths", "0" }), "/proc/acpi",
		"print: masked paths");
	tap_str(text_at(j, (list){ "process", "rlimits", "0", "type" }), "RLIMIT_NOFILE",
		"print: limits");
	tap_ok(strstr(text, "\"hard\": 18446744073709551615") != NULL, "print: infinity");
	tap_ok(strstr(text, "\"hostID\": 12345") != NULL, "print: id maps");
	tap_ok(strstr(text, "\"gid\": 1001") != NULL, "print: ids");
	tap_str(text_at(j, (list){ "annotations", "sandbox.file./etc/hostname" }), "node1\n",
		"print: generated files");
	plan_done(&p);
	arena_done(&a);
}

int main(void)
{
	log_set_level(LOG_QUIET);
	test_commands();
	test_environments();
	test_users();
	test_workdirs();
	test_identity();
	test_paths();
	test_print();
	return tap_done();
}
