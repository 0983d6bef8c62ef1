/*
 * stats: the verb `stats`: what runs use of processors and memory.
 * Reads the store and /proc; touches standard output.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/list.h"
#include "runs/run_procs.h"
#include "runs/runs.h"
#include "util/size.h"

#define STATS_EVERY_MS 1000

struct stats_options {
	struct list list; /* the first member: list_opts fill it */
	bool once;
};

static const struct opt stats_opts[] = {
	{ 0, "no-stream", NULL, "print once", opt_flag,
		.offset = offsetof(struct stats_options, once) },
	{ 'a', "all", NULL, "no effect: a run that has ended uses nothing", opt_ignored,
		.offset = 0 },
	{ 0, "no-trunc", NULL, "no effect: ids are short", opt_ignored, .offset = 0 },
	{ 0, "format", "TEMPLATE", "refused: --json has every field", opt_refused, .offset = 0 },
	{ 0, "json", NULL, "print once, as JSON", opt_flag,
		.offset = offsetof(struct stats_options, list.want_json) },
	{ 0 },
};

/* A run at a moment. */
struct stats_run {
	char id[RUN_ID_DIGITS + 1], name[RUN_NAME_MAX + 1];
	uint64_t used_ms, bytes;
	size_t processes;
};

struct stats {
	struct stats_run *list;
	size_t n;
	int64_t at;
};

static int stats_add(const struct live_run *r, void *arg)
{
	struct stats *s = arg;
	struct stats_run *q;
	struct run_procs all;
	char name[RUN_NAME_MAX + 1];
	struct err ignored;

	s->list = xgrow(s->list, s->n, sizeof(*s->list));
	q = &s->list[s->n++];
	*q = (struct stats_run){ .id = "" };
	(void)snprintf(q->id, sizeof(q->id), "%s", live_run_text(r, "id"));
	(void)snprintf(q->name, sizeof(q->name), "%s", live_run_name(r, name));
	(void)run_procs_read(&all, r, &ignored);
	for (size_t i = 0; i < all.n; i++) {
		q->used_ms += all.list[i].used_ms;
		q->bytes += all.list[i].bytes;
	}
	q->processes = all.n;
	run_procs_done(&all);
	return 0;
}

/* The named runs, or all. */
static int stats_read(struct stats *s, struct call *c, struct err *e)
{
	*s = (struct stats){ .at = proc_clock() };
	if (!c->n)
		return runs_each(&c->store.runs, false, stats_add, s, e);
	for (char **name = c->words; *name; name++) {
		struct live_run r = LIVE_RUN_NONE;
		int status = runs_find(&c->store.runs, *name, &r, e);

		if (status == 0 && r.alive && r.facts)
			(void)stats_add(&r, s);
		live_run_done(&r);
		if (status < 0)
			return -1;
	}
	return 0;
}

/* None of the named runs is alive. */
static int stats_none(struct call *c, struct err *e)
{
	struct live_run r = LIVE_RUN_NONE;
	struct proc init = PROC_NONE;
	int status = runs_find(&c->store.runs, c->words[0], &r, e);

	if (status == 0)
		status = live_run_open_init(&r, &init, e);
	proc_done(&init);
	live_run_done(&r);
	return status;
}

/* Percent of one processor since before. */
static double stats_percent(const struct stats *s, const struct stats *before, size_t i)
{
	const struct stats_run *q = &s->list[i];
	const int64_t passed = s->at > before->at ? s->at - before->at : 1;

	for (size_t k = 0; k < before->n; k++)
		if (strcmp(before->list[k].id, q->id) == 0 && before->list[k].used_ms < q->used_ms)
			return 100.0 * (double)(q->used_ms - before->list[k].used_ms) /
			       (double)passed;
	return 0;
}

static void stats_print(struct list *l, const struct stats *s, const struct stats *before)
{
	char size[32];

	if (list_begin(l))
		printf("%s%-12s %-16s %8s %10s %6s\n", isatty(STDOUT_FILENO) ? "\033[H\033[J" : "",
			"ID", "NAME", "CPU %", "MEM", "PIDS");
	for (size_t i = 0; i < s->n; i++) {
		const struct stats_run *q = &s->list[i];
		json *j = l->items ? json_new_obj() : NULL;

		if (!j) {
			printf("%-12s %-16s %7.2f%% %10s %6zu\n", q->id, *q->name ? q->name : "-",
				stats_percent(s, before, i),
				size_text(size, sizeof(size), q->bytes), q->processes);
			continue;
		}
		json_put_str(j, "id", q->id);
		json_put_str(j, "name", *q->name ? q->name : NULL);
		json_put_int(j, "cpuPercent", (int64_t)(stats_percent(s, before, i) + 0.5));
		json_put_int(j, "bytes", (int64_t)q->bytes);
		json_put_int(j, "processes", (int64_t)q->processes);
		json_add(l->items, j);
	}
	(void)list_end(l, 0);
}

static int stats_run(struct call *c, struct err *e)
{
	struct stats_options *o = c->options;
	struct stats before, now;
	int r = stats_read(&before, c, e);

	if (r == 0 && c->n && !before.n)
		r = stats_none(c, e);
	while (r == 0) {
		proc_pause(STATS_EVERY_MS);
		r = stats_read(&now, c, e);
		if (r == 0)
			stats_print(&o->list, &now, &before);
		free(before.list);
		before = now;
		if (r < 0 || o->once || o->list.want_json || (c->n && !now.n))
			break;
		if (fflush(stdout) != 0)
			r = err_set(e, errno, "write to standard output");
	}
	free(before.list);
	return r;
}

const struct verb verb_stats = {
	.name = "stats",
	.synopsis = "[--no-stream] [--json] [NAME|ID...]",
	.summary = "show what runs use of processors and memory",
	.opts = stats_opts,
	.size = sizeof(struct stats_options),
	.most = VERB_ANY,
	.words = VERB_RUNS,
	.store = VERB_STORE_OWN,
	.run = stats_run,
	.details =
		"Without NAME, of all runs on this machine.  CPU % counts one processor as 100 %.  MEM is the memory of the\n"
		"processes; what they share with others counts by their part of it.  It goes on every second until it is\n"
		"interrupted.",
};
