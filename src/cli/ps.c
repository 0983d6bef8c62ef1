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
	json_put_int(j, "pid", live_run_number(r, "pid"));
	json_put_int(j, "runner", live_run_number(r, "runner"));
	json_put_str(j, "started", date);
	json_add(l->items, j);
}

static void ps_line(const struct live_run *r, const char *date)
{
	char buf[RUN_NAME_MAX + 1];
	const char *name = live_run_name(r, buf);
	json *command = json_get(r->facts, "command");
	char words[PS_COMMAND_MAX] = "", quoted[PS_COMMAND_MAX], image[PS_COMMAND_MAX];

	for (size_t i = 0, at = 0; i < json_len(command) && at < sizeof(words) - 1; i++)
		at += (size_t)snprintf(words + at, sizeof(words) - at, "%s%s", i ? " " : "",
			json_text(json_at(command, i)));
	/* An image may determine these texts. */
	printf("%-12s %-16s %-24s %8lld %-20s %s\n", live_run_text(r, "id"), *name ? name : "-",
		log_quote(image, sizeof(image), live_run_text(r, "ref")),
		(long long)live_run_number(r, "pid"), date,
		log_quote(quoted, sizeof(quoted), words));
}

static int ps_print(const struct live_run *r, void *arg)
{
	struct list *l = arg;
	char date[LIST_DATE_SIZE];

	list_date(date, live_run_number(r, "started"));
	if (l->items)
		ps_json(l, r, date);
	else
		ps_line(r, date);
	return 0;
}

static int ps_run(struct call *c, struct err *e)
{
	struct list *l = c->options;

	if (list_begin(l))
		printf("%-12s %-16s %-24s %8s %-20s %s\n", "ID", "NAME", "IMAGE", "PID", "STARTED",
			"COMMAND");
	return list_end(l, runs_each(&c->store.runs, ps_print, l, e));
}

const struct verb verb_ps = {
	.name = "ps",
	.synopsis = "[--json]",
	.summary = "list running sandboxes on this machine",
	.opts = list_opts,
	.size = sizeof(struct list),
	.store = VERB_STORE_OWN,
	.run = ps_run,
};
