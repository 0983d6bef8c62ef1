/*
 * launch: a run from its start to its end.
 * Touches runs/ of the store, the files of --pidfile, --cidfile and --log, and the descriptor of
 * --status-fd; forks.
 */
#include "launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launch/logger.h"
#include "launch/report.h"
#include "launch/subids.h"
#include "launch/upper_dir.h"
#include "plan/oci.h"
#include "runtime/runtime.h"
#include "util/fd.h"
#include "util/log.h"

/*
 * Milliseconds after which a run gets an entry that no option asked for.  To make and remove a file
 * on a disk takes longer than a short command.
 */
#define LAUNCH_LISTED_MS 100

/* Seconds that a run must last before its image is written back to the disk. */
#define LAUNCH_SETTLE_AFTER 2

/* What the process in the background reports to the one that started it. */
struct launch_news {
	bool failed;
	char id[RUN_ID_DIGITS + 1];
	struct err e;
};

struct launch_state {
	const struct launch *l;
	int *news; /* a detached run's pipe to its starter; -1: none, or it has been used */
	struct run_entry *entry;
	json *facts; /* of the entry; NULL: not made yet */
	char *config;
	struct report_file pid, cid;
	pid_t init;   /* process 1 */
	pid_t logger; /* 0: none */
};

static void launch_describe_keep(struct launch_state *s)
{
	struct stat st;

	json_put_str(s->facts, "door", s->l->keep->file);
	if (stat("/proc/self/ns/pid_for_children", &st) == 0)
		json_put_int(s->facts, "pidns", (int64_t)st.st_ino);
}

/* Make what the entry will have, and return its length. */
static size_t launch_describe(struct launch_state *s)
{
	const struct launch *l = s->l;
	auto_free char *text = NULL;
	char path[PATH_MAX];

	if (!s->facts) {
		s->config = oci_write(l->plan, false);
		s->facts = json_new_obj();
		json_put_str(s->facts, "image", l->image->record.id);
		json_put_str(s->facts, "ref", l->called);
		json_put(s->facts, "command", json_new_strv(l->plan->args));
		if (l->keep)
			launch_describe_keep(s);
		if (l->options->detach)
			json_put_str(s->facts, "log",
				l->options->log ? realpath(l->options->log, path) : "");
	}
	text = json_dump(s->facts, false);
	return strlen(text) + strlen(s->config);
}

/* Options that only work with an entry. */
static bool launch_needs_entry(const struct launch *l)
{
	return l->options->name || l->options->detach || l->options->cidfile;
}

/* The user may want to find the run. */
static bool launch_is_wanted(const struct launch *l)
{
	return launch_needs_entry(l) || l->options->pidfile || l->options->status_fd >= 0 ||
	       l->keep;
}

/*
 * Make the entry before anything is started if an option needs it.  Otherwise the start does not
 * wait for the entry, and does not fail without one.
 */
static int launch_prepare(struct launch_state *s, struct err *e)
{
	const struct launch *l = s->l;
	int r = 0;

	if (l->store->fd < 0 && store_open(l->store, l->options->store, e) < 0)
		return launch_needs_entry(l) ? -1 : 0;
	if (launch_needs_entry(l))
		r = run_entry_enter(
			s->entry, &l->store->runs, l->options->name, launch_describe(s), e);
	if (r == 0 && l->options->detach && !l->options->log)
		r = logger_start(s->entry, &s->logger, e);
	return r < 0 && e->code ? err_wrap(e, "store %s", l->store->path) : r;
}

static void launch_enter(struct launch_state *s, pid_t pid)
{
	const struct launch *l = s->l;
	struct err e = { 0 };
	int r = s->entry->lock >= 0 ? 0 : -1;

	if (r < 0 && l->store->fd >= 0)
		r = run_entry_enter(s->entry, &l->store->runs, NULL, launch_describe(s), &e);
	if (l->keep)
		(void)launch_describe(s);
	if (r == 0)
		r = run_entry_write(s->entry, pid, s->facts, s->config, &e);
	if (r == 0)
		return;
	log_verbose("`sandbox ps` does not list this run: %s", e.msg);
	if (!l->keep)
		run_entry_leave(s->entry, -1, false);
}

/* From here on process 1 has the door, and nobody of the caller's is left to be told anything. */
static void launch_hand_over(struct launch_keep *k)
{
	auto_fd null = open("/dev/null", O_RDWR | O_CLOEXEC);

	fd_closep(&k->door);
	if (null >= 0)
		(void)dup2(null, STDERR_FILENO);
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
	report_started(s->l->options->status_fd, s->entry->id, s->l->options->name, pid);
	memcpy(news.id, s->entry->id, sizeof(news.id));
	if (*s->news >= 0)
		(void)fd_write_full(*s->news, &news, sizeof(news));
	fd_closep(s->news);
	if (s->l->keep)
		launch_hand_over(s->l->keep);
	/* A run without an entry also removes those of dead runs.  Do it now, beside the command,
	 * since the user waits for its end. */
	if (s->entry->lock < 0 && s->l->store->fd >= 0)
		runs_sweep_few(&s->l->store->runs);
}

static void launch_lasted(void *arg)
{
	struct launch_state *s = arg;

	launch_enter(s, s->init);
}

void launch_close_keep(struct store *s, struct launch_keep *k)
{
	if (k->entry.lock >= 0)
		(void)unlinkat(s->runs.dir, k->file, 0);
	run_entry_leave(&k->entry, -1, false);
}

/* Run with the entry, the files and the status lines that the options ask for. */
static int launch_reported(
	const struct launch *l, const struct run_resources *res, int *news, struct err *e)
{
	const struct launch_options *o = l->options;
	struct run_entry own = RUN_ENTRY_NONE;
	struct launch_state s = {
		.l = l,
		.news = news,
		.entry = l->keep ? &l->keep->entry : &own,
		.pid = REPORT_FILE_NONE,
		.cid = REPORT_FILE_NONE,
	};
	struct runtime_events ev = {
		.started = launch_started, .lasted_ms = LAUNCH_LISTED_MS, .arg = &s
	};
	struct runtime_options how = RUNTIME_SUPERVISED;
	int status = -1;

	if (l->keep) {
		how.door = l->keep->door;
		how.mixed = l->keep->mixed;
	}
	if (!launch_is_wanted(l))
		ev.lasted = launch_lasted;
	if (launch_prepare(&s, e) == 0 && report_file_open(&s.pid, "pidfile", o->pidfile, e) == 0 &&
		report_file_open(&s.cid, "cidfile", o->cidfile, e) == 0 &&
		report_file_new(&s.cid, s.entry->id, e) == 0)
		status = runtime_run(l->plan, res, &how, &ev, e);
	if (l->ret_signal)
		*l->ret_signal = ev.signal;
	if (status >= 0)
		report_exited(o->status_fd, s.entry->id, status, &ev);
	report_file_done(&s.pid, true);
	report_file_done(&s.cid, status < 0);
	logger_end(s.logger);
	json_freep(&s.facts);
	free(s.config);
	if (l->keep)
		launch_close_keep(l->store, l->keep);
	run_entry_leave(s.entry, status, o->detach);
	return status;
}

/* Run with the trees on disk that the plan needs: one with owners below, one for writes above. */
static int launch_with_trees(const struct launch *l, int *news, struct err *e)
{
	const struct plan *p = l->plan;
	struct run_resources res = { 0 };
	struct upper_dir upper;
	int status = -1;

	if ((p->map_helpers || p->host_ids) && l->image->dir >= 0 &&
		subids_tree(l->store, l->image, p, e) < 0)
		return -1;
	res.rootfs = l->image->rootfs;
	if (upper_dir_open(&upper, l->options->store, l->store, l->image->record.id, p, &res, e) ==
		0)
		status = launch_reported(l, &res, news, e);
	upper_dir_close(&upper);
	return status;
}

/*
 * Write the data of a new image back while the payload runs.  A child does it, so that nothing
 * waits for the disk.  If it dies with this process, a later run does it.  It must be forked before
 * unshare(2) of the pid namespace, which all later children join.  Returns the child, or -1.
 */
static pid_t launch_settle(const struct launch *l)
{
	struct stored_image *image = l->image;
	const pid_t parent = getpid();
	int fds[PLAN_FDS_MAX];
	struct err e;
	pid_t pid;

	if (image->dir < 0 || image->store->shared || !image->record.boot[0])
		return -1;
	pid = fork();
	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A process that waits for the disk cannot be killed, and must not keep the image in
	 * use. */
	fd_closep(&image->lock);
	if (l->keep) {
		fd_closep(&l->keep->door);
		fd_closep(&l->keep->entry.lock);
	}
	for (size_t n = plan_fds(l->plan, fds); n > 0; n--)
		(void)close(fds[n - 1]);
	(void)sleep(LAUNCH_SETTLE_AFTER);
	if (getppid() == parent)
		(void)stored_image_settle(image, &e);
	_exit(0);
}

/* After a short run, wait for its end; after a long one it may be waiting for the disk. */
static void launch_settle_end(pid_t pid, time_t since)
{
	if (pid < 0)
		return;
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, time(NULL) - since < LAUNCH_SETTLE_AFTER ? 0 : WNOHANG);
}

static int launch_all(const struct launch *l, int *news, struct err *e)
{
	const time_t since = time(NULL);
	pid_t settling;
	int status;

	stored_image_used(l->image, l->plan->writable != NULL);
	settling = launch_settle(l);
	status = launch_with_trees(l, news, e);
	launch_settle_end(settling, since);
	return status;
}

/* Only the command gets these descriptors, not the programs of the host that a run may need. */
static void launch_keep_fds(const struct plan *p)
{
	int fds[PLAN_FDS_MAX];

	for (size_t n = plan_fds(p, fds); n > 0; n--)
		(void)fcntl(fds[n - 1], F_SETFD, FD_CLOEXEC);
}

int launch_run(const struct launch *l, struct err *e)
{
	int none = -1;

	launch_keep_fds(l->plan);
	return launch_all(l, &none, e);
}

static int launch_open_log(const char *log, struct err *e)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0666);

	return fd < 0 ? err_set(e, errno, "--log: %s", log) : fd;
}

/* Nor does it keep a lock, or the end of a pipe, that its caller has open. */
static void launch_leave_caller(const struct plan *p, int out)
{
	auto_fd in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)setsid();
	if (in >= 0)
		(void)dup2(in, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	fd_close_inherited(STDERR_FILENO + 1 + p->preserve_fds);
}

/* The process that the user started waits until the command runs, or has failed. */
static int launch_await(int in, char ret_id[RUN_ID_DIGITS + 1], struct err *e)
{
	struct launch_news news;

	if (fd_read_full(in, &news, sizeof(news)) != (ssize_t)sizeof(news))
		return err_set(e, 0, "the detached run ended before its command started");
	if (news.failed) {
		*e = news.e;
		return -1;
	}
	memcpy(ret_id, news.id, sizeof(news.id));
	return 0;
}

int launch_detach(const struct launch *l, char ret_id[RUN_ID_DIGITS + 1], struct err *e)
{
	const char *log = l->options->log;
	auto_fd out = launch_open_log(log ? log : "/dev/null", e), in = -1, news_fd = -1;
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

		launch_keep_fds(l->plan);
		launch_leave_caller(l->plan, out);
		if (launch_all(l, &news_fd, &news.e) < 0 && news_fd >= 0)
			(void)fd_write_full(news_fd, &news, sizeof(news));
		_exit(0);
	}
	fd_closep(&news_fd);
	return launch_await(in, ret_id, e);
}
