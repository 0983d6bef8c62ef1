/*
 * fuzz target config: an image's config document, and the plan that comes of it.  Behind CONFIG_MARK may stand text
 * that stands in for what a user and the image's files say.  A plan that was made can be printed, and read again.
 */
#include <string.h>

#include "fuzz.h"
#include "image/config.h"
#include "plan/options.h"
#include "util/json.h"

#define CONFIG_MARK "\n%%%"

static void check_plan(const struct plan *p)
{
	auto_json doc = plan_to_json(p);
	char *text = json_dump(doc, false);
	struct err e;
	auto_json again = json_parse(text, strlen(text), &e);

	fuzz_check(p->args && p->args[0] && p->cwd && p->cwd[0] == '/' && p->hostname);
	for (size_t i = 0; i < p->n_mounts; i++)
		fuzz_check(p->mounts[i].dst && p->mounts[i].dst[0] == '/');
	/* Limits on what is read may be smaller than what is written. */
	fuzz_check(again || strstr(e.msg, " over ") || strstr(e.msg, "deeper"));
	free(text);
}

static void make_plan(const struct image_config *c, struct arena *a, const struct fuzz_piece *extra)
{
	static char *const command[] = { (char *)"command", NULL };
	char *text = extra->data ? fuzz_text(extra->data, extra->size) : NULL;
	unsigned ask = text ? (unsigned char)text[0] : 0;
	struct run_options o = { .read_only = ask & 1, .command = ask & 2 ? command : NULL };
	struct host_facts h = {
		.uid = 1000,
		.gid = 1000,
		.hostname = "host",
		.cwd = "/home/me",
		.passwd = text ? text : "root:x:0:0::/root:\n",
		.group = text,
		.image_id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		.rootfs = "/store/rootfs",
	};
	struct plan p;
	struct err e;

	if (text) {
		strv_add(a, ask & 4 ? &o.volumes : &o.tmpfs, text);
		strv_add(a, &o.env, text);
		o.user = ask & 8 ? text : NULL;
		o.workdir = ask & 16 ? text : NULL;
		o.hostname = ask & 32 ? text : NULL;
		o.entrypoint = ask & 64 ? text : NULL;
	}
	if (plan_make(&p, c, &o, &h, &e) == 0)
		check_plan(&p);
	else
		fuzz_check_err(&e);
	plan_done(&p);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_piece rest = { data, size }, doc, extra = { 0 };
	struct image_config c;
	struct arena a = { 0 };
	struct err e;
	char *text;

	if (!fuzz_next_piece(&rest, CONFIG_MARK, &doc))
		return 0;
	(void)fuzz_next_piece(&rest, CONFIG_MARK, &extra);
	text = fuzz_text(doc.data, doc.size);
	if (config_parse(text, doc.size, &a, &c, &e) == 0)
		make_plan(&c, &a, &extra);
	else
		fuzz_check_err(&e);
	arena_done(&a);
	free(text);
	return 0;
}
