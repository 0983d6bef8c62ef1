/*
 * saved: what `exec` reads of a run is what the run was started with, whatever bytes are in it.
 */
#include <string.h>

#include "plan/saved.h"
#include "plan_facts.h"
#include "tap.h"
#include "util/fd.h"
#include "util/json.h"

static const struct {
	const char *name, *workdir, *rootfs, *env;
} cases[] = {
	{ "plain", "/work", "/store/rootfs", "A=1" },
	{ "UTF-8", "/w\xc3\xb6rk", "/st\xc3\xb6re", "A=\xe2\x82\xac" },
	{ "no UTF-8", "/w\xf6rk/\xff\x80", "/st\xf6re\xc3", "A=\xc3\x28\xff" },
	{ "what JSON escapes", "/a\"b\\c", "/new\nline", "A=\t\x01\x7f" },
};

static void check(size_t i)
{
	static char *const command[] = { (char *)"true", NULL };
	struct run_options o = { .workdir = cases[i].workdir, .command = command };
	struct image_config c = { 0 };
	struct host_facts h = facts();
	struct arena a = { 0 };
	struct plan p, q;
	struct err e = { 0 };

	h.rootfs = cases[i].rootfs;
	strv_add_copy(&a, &o.env, cases[i].env);
	if (!tap_ok(plan_make(&p, &c, &o, &h, &e) == 0, "%s: a plan", cases[i].name))
		printf("# %s\n", e.msg);
	auto_json saved = plan_save(&p);
	auto_free char *text = json_dump(saved, false);
	auto_json read = json_parse(text, strlen(text), &e);
	tap_ok(plan_load(&q, read, &e) == 0, "    saved and read again");
	tap_str(q.cwd, cases[i].workdir, "    its working directory");
	tap_str(q.rootfs, cases[i].rootfs, "    its root file system");
	bool found = false;
	for (char **v = q.env; v && *v; v++)
		found |= strcmp(*v, cases[i].env) == 0;
	tap_ok(found, "    its variable");
	plan_done(&p);
	plan_done(&q);
	arena_done(&a);
}

static void refuse(const char *text)
{
	struct err e = { 0 };
	auto_json doc = json_parse(text, strlen(text), &e);
	struct plan p;

	tap_ok(plan_load(&p, doc, &e) < 0 && e.msg[0], "refused: %s", text);
	plan_done(&p);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(i);
	refuse("{}");
	refuse("{\"cwd\":\"/\",\"rootfs\":\"/r\"}");
	refuse("{\"cwd\":\"/\",\"rootfs\":\"/"
	       "r\",\"uid\":4294967295,\"gid\":0,\"umask\":18,\"seccomp\":0,"
	       "\"signal\":15}");
	refuse("{\"cwd\":1}");
	return tap_done();
}
