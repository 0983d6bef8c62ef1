/*
 * top: the verb `top`: lists the processes of a run.
 * Reads the store and /proc; touches standard output.
 */
#include <pwd.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "cli/list.h"
#include "runs/run_procs.h"
#include "runs/runs.h"
#include "util/log.h"

#define TOP_TTYS 136 /* major numbers of pseudo terminals, 136 to 143 */
#define TOP_DAY 86400

/* As ps(1) prints them. */
static void top_line(const struct run_proc *p)
{
	const time_t now = time(NULL), started = (time_t)p->started;
	const struct passwd *user = getpwuid(p->uid);
	const long long used = (long long)p->used_ms / 1000;
	const long long lived = now > started ? (long long)(now - started) : 1;
	char number[16], tty[24] = "?", start[16] = "?", command[4096];
	struct tm tm;

	(void)snprintf(number, sizeof(number), "%u", (unsigned)p->uid);
	if (major(p->tty) >= TOP_TTYS && major(p->tty) < TOP_TTYS + 8)
		(void)snprintf(tty, sizeof(tty), "pts/%u",
			(major(p->tty) - TOP_TTYS) * 256 + minor(p->tty));
	if (localtime_r(&started, &tm))
		(void)strftime(
			start, sizeof(start), now - started < TOP_DAY ? "%H:%M" : "%b%d", &tm);
	printf("%-12s %8d %8d %2lld %5s %-8s %02lld:%02lld:%02lld %s\n",
		user ? user->pw_name : number, (int)p->pid, (int)p->parent,
		(long long)p->used_ms / 10 / lived, start, tty, used / 3600, used / 60 % 60,
		used % 60, log_quote(command, sizeof(command), p->command));
}

static void top_json(struct list *l, const struct run_proc *p)
{
	json *j = json_new_obj();
	char date[LIST_DATE_SIZE];

	json_put_int(j, "pid", p->pid);
	json_put_int(j, "parent", p->parent);
	json_put_int(j, "uid", p->uid);
	json_put_str(j, "started", list_date(date, p->started));
	json_put_int(j, "milliseconds", (int64_t)p->used_ms);
	json_put_int(j, "bytes", (int64_t)p->bytes);
	json_put_str(j, "command", p->command);
	json_add(l->items, j);
}

static int top_run(struct call *c, struct err *e)
{
	struct list *l = c->options;
	struct live_run r = LIVE_RUN_NONE;
	struct run_procs all = { .list = NULL };
	struct proc init = PROC_NONE;
	int status = runs_find(&c->store.runs, c->words[0], &r, e);

	if (status == 0)
		status = live_run_open_init(&r, &init, e);
	if (status == 0)
		status = run_procs_read(&all, &r, e);
	if (status == 0) {
		if (list_begin(l))
			printf("%-12s %8s %8s %2s %5s %-8s %8s %s\n", "UID", "PID", "PPID", "C",
				"STIME", "TTY", "TIME", "CMD");
		for (size_t i = 0; i < all.n; i++)
			if (l->items)
				top_json(l, &all.list[i]);
			else
				top_line(&all.list[i]);
		status = list_end(l, 0);
	}
	run_procs_done(&all);
	proc_done(&init);
	live_run_done(&r);
	return status;
}

const struct verb verb_top = {
	.name = "top",
	.synopsis = "[--json] NAME|ID",
	.summary = "list the processes of a run",
	.opts = list_opts,
	.size = sizeof(struct list),
	.least = 1,
	.most = 1,
	.wants = "needs one run, and takes no options of ps",
	.words = VERB_RUNS,
	.store = VERB_STORE_OWN,
	.run = top_run,
	.details =
		"Numbers, users and times are the host's, in the columns of `ps -f`.  The first process is sandbox's own.",
};
