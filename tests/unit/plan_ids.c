/*
 * plan ids: ranges of ids, maps, and the caller's entry in passwd and group, as tables.
 * Run by prove.
 * Touches memory only.
 */
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>

#include "plan/keep_id.h"
#include "plan/subid.h"
#include "plan_facts.h"
#include "tap.h"
#include "util/log.h"

static const char *maps_text(const struct id_map *maps, size_t n, char *buf, size_t size)
{
	buf[0] = '\0';
	for (size_t i = 0; i < n; i++)
		snprintf(buf + strlen(buf), size - strlen(buf), "%u %u %u|", maps[i].inside,
			maps[i].outside, maps[i].count);
	return buf;
}

static void test_subid(void)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "no file", NULL, "" },
		{ "an empty file", "", "" },
		{ "by name", "bob:1:2\nme:100000:65536\n", "0 100000 65536|" },
		{ "by number", "12345:100000:65536", "0 100000 65536|" },
		{ "a longer name", "mee:1:2\nm:3:4\n", "" },
		{ "another number", "123456:1:2\n1234:3:4\n", "" },
		{ "two ranges", "me:100:10\n12345:200:20\n", "0 100 10|0 200 20|" },
		{ "the same range twice", "me:100:10\n12345:100:10\n", "0 100 10|" },
		{ "ranges that overlap", "me:100:10\nme:105:10\n", "0 100 10|" },
		{ "no count", "me:100\nme:100:\nme:100:0\n", "" },
		{ "no numbers", "me:a:b\nme:-1:5\nme: 1:5\n", "" },
		{ "root's number", "me:0:10\n", "" },
		{ "too large a number", "me:4294967296:1\nme:1:99999999999\n", "" },
		{ "beyond the highest number", "me:4294967290:10\n", "" },
		{ "carriage return", "me:100:10\r\n", "0 100 10|" },
		{ "text behind", "me:100:10x\n", "" },
		{ "blank lines and comments", "\n# me:1:2\n\nme:100:10\n", "0 100 10|" },
	};
	struct id_map *maps;
	char buf[512], name[96];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena a = { 0 };
		size_t n = subid_ranges(cases[i].text, "me", 12345, &a, &maps);

		snprintf(name, sizeof(name), "subid: %s", cases[i].name);
		tap_str(maps_text(maps, n, buf, sizeof(buf)), cases[i].want, name);
		arena_done(&a);
	}
}

static void test_subid_map(void)
{
	const struct id_map ranges[] = { { 0, 100000, 10 }, { 0, 500, 5 } };
	const struct id_map huge[] = { { 0, 100, 4294967000u }, { 0, 4294967200u, 50 },
		{ 0, 50, 10 } };
	struct arena a = { 0 };
	struct id_map *maps;
	char buf[512];
	size_t n;

	maps = subid_map(&a, 1001, ranges, 2, &n);
	tap_str(maps_text(maps, n, buf, sizeof(buf)), "0 1001 1|1 100000 10|11 500 5|",
		"map: the caller is 0, the ranges follow");
	maps = subid_map(&a, 1001, ranges, 0, &n);
	tap_str(maps_text(maps, n, buf, sizeof(buf)), "0 1001 1|", "map: no ranges");
	maps = subid_map(&a, 7, huge, 3, &n);
	tap_ok(n <= 4 && maps[n - 1].inside + maps[n - 1].count > maps[n - 1].inside,
		"map: no line goes beyond the highest number");
	arena_done(&a);
}

static void test_plan(void)
{
	struct image_config c = { .user = (char *)"app" };
	struct run_options o = { .command = run_true, .subuid = true };
	struct host_facts h = facts();
	const struct id_map range = { 0, 100000, 65536 };
	struct plan p;
	struct err e;
	char buf[256];

	tap_int(plan_make(&p, &c, &o, &h, &e), -1, "--subuid without ranges is refused");
	tap_ok(strstr(e.msg, "/etc/subuid has no line for"), "and it says which file lacks what");
	plan_done(&p);
	h.subuids = h.subgids = &range;
	h.n_subuids = h.n_subgids = 1;
	tap_int(plan_make(&p, &c, &o, &h, &e), 0, "--subuid with ranges");
	tap_str(maps_text(p.uid_maps, p.n_uid_maps, buf, sizeof(buf)), "0 12345 1|1 100000 65536|",
		"uid map");
	tap_str(maps_text(p.gid_maps, p.n_gid_maps, buf, sizeof(buf)), "0 100 1|1 100000 65536|",
		"gid map");
	tap_int(p.uid, 1000, "the user is the image's");
	tap_ok(p.map_helpers && !p.emulate, "helpers write the maps, nothing is emulated");
	plan_done(&p);
	o.emulate = "basic";
	(void)plan_make(&p, &c, &o, &h, &e);
	tap_ok(p.emulate, "unless asked for");
	plan_done(&p);
	o = (struct run_options){ .command = run_true, .keep_id = true };
	tap_int(plan_make(&p, &c, &o, &h, &e), 0, "--keep-id");
	tap_int(p.uid, 12345, "the user is the caller");
	tap_int(p.gid, 100, "and so is the group");
	tap_str(maps_text(p.uid_maps, p.n_uid_maps, buf, sizeof(buf)), "12345 12345 1|", "uid map");
	tap_ok(p.emulate && !p.map_helpers, "one id, emulated");
	plan_done(&p);
}

static void test_no_userns(void)
{
	struct image_config c = { .user = (char *)"app" };
	struct run_options o = { .command = run_true, .no_userns = true };
	struct host_facts h = facts();
	struct plan p, q;
	struct err e;

	tap_int(plan_make(&p, &c, &o, &h, &e), -1, "--no-userns is refused to a user");
	tap_ok(strstr(e.msg, "only root"), "and it says who may");
	plan_done(&p);
	h.uid = h.gid = 0;
	tap_int(plan_make(&p, &c, &o, &h, &e), 0, "--no-userns for root");
	tap_ok(p.host_ids && !(p.namespaces & CLONE_NEWUSER) && (p.namespaces & CLONE_NEWPID),
		"all namespaces but that of users");
	tap_ok(!p.n_uid_maps && !p.n_gid_maps && !p.emulate && p.uid == 1000,
		"no maps, nothing emulated, the image's user");
	o.no_userns = false;
	tap_int(plan_make(&q, &c, &o, &h, &e), 0, "root without it");
	tap_ok(q.namespaces & CLONE_NEWUSER, "has a user namespace");
	tap_ok(p.caps.bounding == (q.caps.bounding &
					  ~(UINT64_C(1) << CAP_MKNOD | UINT64_C(1) << CAP_NET_RAW)),
		"two capabilities less");
	plan_done(&q);
	plan_done(&p);
	o = (struct run_options){ .command = run_true, .no_userns = true, .network = "none" };
	(void)plan_make(&p, &c, &o, &h, &e);
	tap_ok(p.caps.bounding >> CAP_NET_RAW & 1, "NET_RAW on a network of its own");
	plan_done(&p);
	o.network = "private";
	tap_int(plan_make(&p, &c, &o, &h, &e), -1, "not with a private network");
	plan_done(&p);
}

static void test_keep_id(void)
{
	static const struct {
		const char *name, *user, *home, *image, *want;
	} cases[] = {
		{ "no passwd", "me", "/home/me", NULL, "me:x:12345:100:me:/home/me:/bin/sh\n" },
		{ "behind others", "me", "/h", "root:x:0:0:::\n",
			"root:x:0:0:::\nme:x:12345:100:me:/h:/bin/sh\n" },
		{ "no newline at the end", "me", "/h",
			"root:x:0:0:::", "root:x:0:0:::\nme:x:12345:100:me:/h:/bin/sh\n" },
		{ "in front of the same number", "me", "/h", "root:x:0:0:::\napp:x:12345:1:::\n",
			"root:x:0:0:::\nme:x:12345:100:me:/h:/bin/sh\napp:x:12345:1:::\n" },
		{ "in place of the same name", "me", "/h", "me:x:5:5:::\nroot:x:0:0:::\n",
			"root:x:0:0:::\nme:x:12345:100:me:/h:/bin/sh\n" },
		{ "a number that begins alike", "me", "/h", "app:x:123456:1:::\n",
			"app:x:123456:1:::\nme:x:12345:100:me:/h:/bin/sh\n" },
		{ "no name", NULL, NULL, NULL, "user:x:12345:100:user:/:/bin/sh\n" },
		{ "a name that would be two fields", "a:b", "/h", NULL,
			"user:x:12345:100:user:/h:/bin/sh\n" },
		{ "a name that means NIS", "+", "/h", NULL, "user:x:12345:100:user:/h:/bin/sh\n" },
		{ "a home that would be two lines", "me", "/h\nroot::0:0", NULL,
			"me:x:12345:100:me:/:/bin/sh\n" },
		{ "a relative home", "me", "h", NULL, "me:x:12345:100:me:/:/bin/sh\n" },
		{ "broken lines stay", "me", "/h", "x\n::\n\n",
			"x\n::\n\nme:x:12345:100:me:/h:/bin/sh\n" },
	};
	char name[96];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct host_facts h = facts();
		struct arena a = { 0 };

		h.user_name = cases[i].user;
		h.home = cases[i].home;
		h.passwd = cases[i].image;
		snprintf(name, sizeof(name), "passwd: %s", cases[i].name);
		tap_str(keep_id_passwd(&a, &(struct run_options){ 0 }, &h), cases[i].want, name);
		arena_done(&a);
	}
}

static void test_keep_group(void)
{
	struct host_facts h = facts();
	struct arena a = { 0 };

	h.user_name = "me";
	h.group = "root:x:0:\nusers:x:100:a,b\n";
	h.group_name = "staff";
	tap_str(keep_id_group(&a, &h), "root:x:0:\nstaff:x:100:\nusers:x:100:a,b\n",
		"group: in front of the same number");
	h.group_name = NULL;
	tap_str(keep_id_group(&a, &h), "root:x:0:\nme:x:100:\nusers:x:100:a,b\n",
		"group: named as the user where it has no name");
	arena_done(&a);
}

int main(void)
{
	log_set_level(LOG_QUIET);
	test_subid();
	test_subid_map();
	test_plan();
	test_no_userns();
	test_keep_id();
	test_keep_group();
	return tap_done();
}
