/*
 * live: a run from its start to its end.
 * Touches runs/ of the store, the files of --pidfile, --cidfile and --log,
 * and the descriptor of --status-fd.
 */
#include "launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "launch/report.h"
#include "plan/saved.h"
#include "runs/read.h"
#include "runs/runs.h"
#include "runtime/runtime.h"
#include "util/fd.h"
#include "util/log.h"

/*
 * Milliseconds until a run has an entry that nobody asked for: to make a file on a disk and remove
 * it takes longer than a short command does.
 */
#define LAUNCH_LISTED_MS 100

/* What the process in the background tells the one that started it. */
struct launch_news {
	bool failed;
	char id[RUN_ID_DIGITS + 1];
	struct err e;
};

struct launch_state {
	const struct launch *l;
	struct run_entry entry;
	struct report_file pid, cid;
	pid_t init; /* process 1 */
};

static json *launch_facts(const struct launch *l)
{
	json *j = json_new_obj();

	json_put_str(j, "image", l->image_id);
	json_put_str(j, "ref", l->image);
	json_put(j, "command", json_new_strv(l->plan->args));
	json_put(j, "plan", plan_save(l->plan));
	return j;
}

/* What was asked for cannot be without an entry. */
static bool launch_needs_entry(const struct launch *l)
{
	return l->args->name || l->args->detach || l->args->cidfile;
}

/* Somebody means to find it again. */
static bool launch_is_wanted(const struct launch *l)
{
	return launch_needs_entry(l) || l->args->pidfile || l->args->status_fd >= 0;
}

/*
 * What cannot be without an entry has it before anything is started.  Otherwise the start does not
 * wait for a file to be made, and one that cannot be made is no reason to fail.
 */
static int launch_prepare(struct launch_state *s, struct err *e)
{
	const struct launch *l = s->l;

	if (l->store->fd < 0 && store_open(l->store, l->args->globals->store, e) < 0)
		return launch_needs_entry(l) ? -1 : 0;
	return launch_needs_entry(l) ? runs_enter(&s->entry, l->store, l->args->name, e) : 0;
}

static void launch_enter(struct launch_state *s, pid_t pid)
{
	const struct launch *l = s->l;
	auto_json facts = launch_facts(l);
	struct err e = { 0 };
	int r = s->entry.lock >= 0 ? 0 : -1;

	if (r < 0 && l->store->fd >= 0)
		r = runs_enter(&s->entry, l->store, NULL, &e);
	if (r == 0)
		r = runs_tell(&s->entry, pid, facts, &e);
	if (r < 0)
		log_verbose("this run is not listed by `sandbox ps`: %s", e.msg);
}

static void launch_started(void *arg, pid_t pid)
{
	struct launch_state *s = arg;
	struct launch_news news = { .failed = false };
	struct err e;

	if (launch_is_wanted(s->l))
		launch_enter(s, pid);
	s->init = pid;
	if (report_file_number(&s->pid, pid, &e) < 0)
		log_note("%s", e.msg);
	report_started(s->l->args->status_fd, s->entry.id, s->l->args->name, pid);
	memcpy(news.id, s->entry.id, sizeof(news.id));
	if (*s->l->news >= 0)
		(void)fd_write_full(*s->l->news, &news, sizeof(news));
	fd_closep(s->l->news);
	/* One without an entry takes away those of dead runs all the same: beside the command,
	 * since at its end somebody waits. */
	if (s->entry.lock < 0 && s->l->store->fd >= 0)
		runs_sweep(s->l->store);
}

static void launch_lasted(void *arg)
{
	struct launch_state *s = arg;

	launch_enter(s, s->init);
}

int launch_run(const struct launch *l, struct err *e)
{
	const struct run_args *a = l->args;
	struct launch_state s = {
		.l = l, .entry = { .lock = -1 }, .pid = REPORT_FILE_NONE, .cid = REPORT_FILE_NONE
	};
	struct runtime_events ev = {
		.started = launch_started, .lasted_ms = LAUNCH_LISTED_MS, .arg = &s
	};
	int status = -1;

	if (!launch_is_wanted(l))
		ev.lasted = launch_lasted;
	if (launch_prepare(&s, e) == 0 && report_file_open(&s.pid, "pidfile", a->pidfile, e) == 0 &&
		report_file_open(&s.cid, "cidfile", a->cidfile, e) == 0 &&
		report_file_new(&s.cid, s.entry.id, e) == 0)
		status = runtime_run(l->plan, l->rootfs, &ev, e);
	if (status >= 0)
		report_exited(a->status_fd, s.entry.id, status, &ev);
	report_file_done(&s.pid, true);
	report_file_done(&s.cid, status < 0);
	runs_leave(&s.entry, status, a->detach);
	return status;
}

static int launch_open_log(const struct run_args *a, struct err *e)
{
	const char *log = a->log ? a->log : "/dev/null";
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0666);

	return fd < 0 ? err_set(e, errno, "--log: %s", log) : fd;
}

static void launch_leave_terminal(int out)
{
	auto_fd in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)setsid();
	if (in >= 0)
		(void)dup2(in, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
}

/* The process that was started waits for news: whether the command runs, or why not. */
static int launch_await(int in, struct err *e)
{
	struct launch_news news;

	if (fd_read_full(in, &news, sizeof(news)) != (ssize_t)sizeof(news))
		return err_set(e, 0, "the run in the background was ended before its command ran");
	if (news.failed) {
		*e = news.e;
		return -1;
	}
	printf("%s\n", news.id);
	return 0;
}

int launch_detach(const struct run_args *a, int (*fn)(void *arg, int *news, struct err *e),
	void *arg, struct err *e)
{
	auto_fd out = launch_open_log(a, e), in = -1, news_fd = -1;
	int fds[2];
	pid_t pid;

	if (out < 0)
		return -1;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, errno, "make a pipe");
	in = fds[0];
	news_fd = fds[1];
	pid = fork();
	if (pid < 0)
		return err_set(e, errno, "start a process in the background");
	if (pid == 0) {
		struct launch_news news = { .failed = true };

		launch_leave_terminal(out);
		if (fn(arg, &news_fd, &news.e) < 0 && news_fd >= 0)
			(void)fd_write_full(news_fd, &news, sizeof(news));
		_exit(0);
	}
	fd_closep(&news_fd);
	return launch_await(in, e);
}
