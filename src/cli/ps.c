/*
 * ps: the verb `ps`: what runs.
 * Called by main.c.  Reads the store; touches standard output.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "store/runs.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/log.h"

#define PS_COMMAND_MAX 256 /* bytes shown of a command */

struct ps_verb {
	struct globals *globals;
	json *list; /* where JSON was asked for */
	bool want_json;
};

static const struct opt ps_opts[] = {
	{ OPT_JSON, "json", NULL, "as JSON" },
	OPTS_GLOBAL,
};

static int ps_option(void *arg, int id, char *value, struct err *e)
{
	struct ps_verb *v = arg;

	(void)e;
	if (id == OPT_JSON)
		v->want_json = true;
	else
		(void)cli_global_option(v->globals, &verb_ps, id, value);
	return 0;
}

static void ps_json(struct ps_verb *v, const struct run *r, const char *date)
{
	json *j = json_new_obj(), *command = json_get(r->facts, "command"), *words = json_new_arr();

	json_put_str(j, "id", run_text(r, "id"));
	json_put_str(j, "name", *run_text(r, "name") ? run_text(r, "name") : NULL);
	json_put_str(j, "image", run_text(r, "ref"));
	json_put_str(j, "imageId", run_text(r, "image"));
	for (size_t i = 0; i < json_len(command); i++)
		json_add(words, json_new_str(json_text(json_at(command, i))));
	json_put(j, "command", words);
	json_put_int(j, "pid", run_number(r, "pid"));
	json_put_int(j, "runner", run_number(r, "runner"));
	json_put_str(j, "started", date);
	json_add(v->list, j);
}

static void ps_line(const struct run *r, const char *date)
{
	const char *name = run_text(r, "name");
	json *command = json_get(r->facts, "command");
	char words[PS_COMMAND_MAX] = "", quoted[PS_COMMAND_MAX], image[PS_COMMAND_MAX];

	for (size_t i = 0, at = 0; i < json_len(command) && at < sizeof(words) - 1; i++)
		at += (size_t)snprintf(words + at, sizeof(words) - at, "%s%s", i ? " " : "",
			json_text(json_at(command, i)));
	/* All of it may come from an image. */
	printf("%-12s %-16s %-24s %8lld %-20s %s\n", run_text(r, "id"), *name ? name : "-",
		log_quote(image, sizeof(image), run_text(r, "ref")),
		(long long)run_number(r, "pid"), date, log_quote(quoted, sizeof(quoted), words));
}

static int ps_print(const struct run *r, void *arg)
{
	struct ps_verb *v = arg;
	time_t started = (time_t)run_number(r, "started");
	char date[32] = "";
	struct tm tm;

	if (gmtime_r(&started, &tm))
		(void)strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (v->want_json)
		ps_json(v, r, date);
	else
		ps_line(r, date);
	return 0;
}

static int ps_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct ps_verb v = { .globals = g };
	struct store s = STORE_NONE;
	int at = opts_parse(ps_opts, argc, argv, ps_option, &v, e), r = at < 0 ? -1 : 0;

	if (r == 0 && at < argc)
		r = err_set(e, 0, "ps: takes no argument: %s", argv[at]);
	if (r == 0)
		r = store_open(&s, g->store, e);
	if (r == 0 && v.want_json)
		v.list = json_new_arr();
	else if (r == 0)
		printf("%-12s %-16s %-24s %8s %-20s %s\n", "ID", "NAME", "IMAGE", "PID", "STARTED",
			"COMMAND");
	if (r == 0)
		r = runs_each(&s, ps_print, &v, e);
	if (r == 0 && v.want_json) {
		auto_free char *text = json_dump(v.list, true);

		puts(text);
	}
	json_freep(&v.list);
	store_done(&s);
	return r;
}

const struct verb verb_ps = {
	.name = "ps",
	.synopsis = "[--json]",
	.summary = "list what runs on this machine",
	.opts = ps_opts,
	.run = ps_run,
};
