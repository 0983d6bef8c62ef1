/*
 * ps: the verb `ps`: lists running sandboxes.
 * Reads the store; touches standard output.
 */
#include <stdio.h>
#include <string.h>

#include "cli/list.h"
#include "runs/runs.h"
#include "util/log.h"

#define PS_COMMAND_MAX 256 /* bytes of a command to show */

struct ps_options {
	struct list list; /* the first member: list_opts fill it */
	bool all;
};

#define AT(member) .offset = offsetof(struct ps_options, member)

/* clang-format off */
static const struct opt ps_opts[] = {
	{ 'a', "all", NULL, "also runs that have ended, as long as their status or log is kept", opt_flag, AT(all) },
	{ 'q', "quiet", NULL, "print only ids; before the verb, -q leaves out notes", opt_flag, AT(list.ids) },
	{ 0, "json", NULL, "print JSON", opt_flag, AT(list.want_json) },
	{ 0, "no-trunc", NULL, "no effect: --json has whole commands", opt_ignored, .offset = 0 },
	{ 'f', "filter", "FILTER", "refused: --json has what can be looked for", opt_refused, .offset = 0 },
	{ 0, "format", "TEMPLATE", "refused: --json has every field", opt_refused, .offset = 0 },
	{ 0 },
};
/* clang-format on */

/* "exited 3"; "ended": its runner was killed */
static const char *ps_state(const struct live_run *r, char *buf, size_t size)
{
	(void)snprintf(buf, size, r->status < 0 ? "ended" : "exited %d", r->status);
	return r->alive ? "up" : buf;
}

static void ps_json(struct list *l, const struct live_run *r, const char *date)
{
	json *j = json_new_obj(), *command = json_get(r->facts, "command"), *words = json_new_arr();
	char buf[RUN_NAME_MAX + 1];
	const char *name = live_run_name(r, buf);

	json_put_str(j, "id", live_run_text(r, "id"));
	json_put_str(j, "name", *name ? name : NULL);
	json_put_str(j, "image", live_run_text(r, "ref"));
	json_put_str(j, "imageId", live_run_text(r, "image"));
	for (size_t i = 0; i < json_len(command); i++)
		json_add(words, json_new_str(json_text(json_at(command, i))));
	json_put(j, "command", words);
	json_put_int(j, "pid", r->alive ? live_run_number(r, "pid") : 0);
	json_put_int(j, "runner", r->alive ? live_run_number(r, "runner") : 0);
	json_put_str(j, "state", ps_state(r, buf, sizeof(buf)));
	json_put_str(j, "started", date);
	json_add(l->items, j);
}

static void ps_line(const struct ps_options *o, const struct live_run *r, const char *date)
{
	char buf[RUN_NAME_MAX + 1], state[16];
	const char *name = live_run_name(r, buf);
	json *command = json_get(r->facts, "command");
	char words[PS_COMMAND_MAX] = "", quoted[PS_COMMAND_MAX], image[PS_COMMAND_MAX];

	for (size_t i = 0, at = 0; i < json_len(command) && at < sizeof(words) - 1; i++)
		at += (size_t)snprintf(words + at, sizeof(words) - at, "%s%s", i ? " " : "",
			json_text(json_at(command, i)));
	/* An image may determine these texts. */
	printf("%-12s %-16s %-24s %8lld %-20s ", live_run_text(r, "id"), *name ? name : "-",
		log_quote(image, sizeof(image), live_run_text(r, "ref")),
		r->alive ? (long long)live_run_number(r, "pid") : 0, date);
	if (o->all)
		printf("%-10s ", ps_state(r, state, sizeof(state)));
	printf("%s\n", log_quote(quoted, sizeof(quoted), words));
}

static int ps_print(const struct live_run *r, void *arg)
{
	struct ps_options *o = arg;
	char date[LIST_DATE_SIZE];

	list_date(date, live_run_number(r, "started"));
	if (o->list.items)
		ps_json(&o->list, r, date);
	else if (o->list.ids)
		puts(live_run_text(r, "id"));
	else
		ps_line(o, r, date);
	return 0;
}

static int ps_run(struct call *c, struct err *e)
{
	struct ps_options *o = c->options;

	if (list_begin(&o->list))
		printf("%-12s %-16s %-24s %8s %-20s %s%s\n", "ID", "NAME", "IMAGE", "PID",
			"STARTED", o->all ? "STATE      " : "", "COMMAND");
	return list_end(&o->list, runs_each(&c->store.runs, o->all, ps_print, o, e));
}

const struct verb verb_ps = {
	.name = "ps",
	.synopsis = "[-a] [-q] [--json]",
	.summary = "list running sandboxes on this machine",
	.opts = ps_opts,
	.size = sizeof(struct ps_options),
	.store = VERB_STORE_OWN,
	.run = ps_run,
};
