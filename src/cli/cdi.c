/*
 * cdi: the verb `cdi`: lists the devices of CDI specifications.
 * Reads the folders of specifications; touches standard output.
 */
#include "cdi/cdi.h"

#include <string.h>

#include "cli/list.h"
#include "util/log.h"

struct cdi_args {
	struct list list;
	struct strv dirs; /* --cdi-dir */
};

static const struct opt cdi_opts[] = {
	{ 0, "json", NULL, "print JSON", opt_flag,
		.offset = offsetof(struct cdi_args, list.want_json) },
	{ 0, "cdi-dir", "DIR", "look for specifications in DIR (/etc/cdi, /var/run/cdi)", opt_list,
		.offset = offsetof(struct cdi_args, dirs) },
	{ 0 },
};

/* The configuration's folders, which are an option of `run`, and then those of the command line. */
static int cdi_dirs(struct call *c, struct strv *ret, struct err *e)
{
	const struct cdi_args *a = c->options;
	struct cdi_args configured = { 0 };
	const struct opts list[] = { { .table = cdi_opts + 1, .to = &configured },
		{ .table = NULL } };

	if (opts_apply(list, &c->globals->settings, NULL, false, &c->arena, e) < 0)
		return -1;
	*ret = configured.dirs;
	for (size_t i = 0; i < a->dirs.n; i++)
		strv_add(&c->arena, ret, a->dirs.v[i]);
	return 0;
}

static void cdi_print(struct list *l, const struct cdi_device *d)
{
	json *j;

	if (!l->items) {
		printf("%-50s %s\n", d->name, d->spec->path);
		return;
	}
	j = json_new_obj();
	json_put_str(j, "name", d->name);
	json_put_str(j, "spec", d->spec->path);
	json_put_str(j, "cdiVersion", json_text(json_get(d->spec->tree, "cdiVersion")));
	json_add(l->items, j);
}

static int cdi_run(struct call *call, struct err *e)
{
	struct cdi_args *a = call->options;
	struct strv dirs = { 0 };
	struct cdi c;

	if (strcmp(call->words[0], "list") != 0)
		return err_set(e, 0, "cdi: %s: there is only `cdi list`", call->words[0]);
	if (cdi_dirs(call, &dirs, e) < 0)
		return -1;
	cdi_read(&c, dirs.v);
	for (size_t i = 0; i < c.n_problems; i++)
		log_note("%s", c.problems[i].msg);
	if (list_begin(&a->list))
		printf("%-50s %s\n", "NAME", "SPECIFICATION");
	for (size_t i = 0; i < c.n_devices; i++)
		if (!c.devices[i].other)
			cdi_print(&a->list, &c.devices[i]);
	cdi_done(&c);
	return list_end(&a->list, 0);
}

const struct verb verb_cdi = {
	.name = "cdi",
	.synopsis = "list [--json]",
	.summary = "list the devices that CDI specifications describe, such as GPUs",
	.opts = cdi_opts,
	.size = sizeof(struct cdi_args),
	.least = 1,
	.most = 1,
	.wants = "say what: cdi list",
	.run = cdi_run,
	.details =
		"`sandbox run --device NAME` adds one of them.  A specification is a file *.json or *.yaml in one of the folders; of\n"
		"two devices of the same name, that of the later folder counts.  Two in the same folder exclude each other, and a file\n"
		"with a mistake is left out: notes say so.",
};
