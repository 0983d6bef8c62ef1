/*
 * logs: the verb `logs`: shows what a run in the background has printed.
 * Reads the store, or the file of --log; touches standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/verb.h"
#include "runs/run_log.h"
#include "runs/runs.h"
#include "util/fd.h"
#include "util/number.h"
#include "util/path.h"
#include "util/proc.h"

#define LOGS_CHUNK 65536
#define LOGS_LOOK_MS 100

struct logs_options {
	bool follow;
	int64_t lines; /* -1: all */
};

static int logs_tail(const struct opt_given *g)
{
	int64_t *lines = g->to;
	uint64_t n = 0;

	if (strcmp(g->text, "all") != 0 && !number_read(g->text, strlen(g->text), INT64_MAX, &n))
		return err_set(g->e, 0, "--tail %s: not a number, and not `all`", g->text);
	*lines = strcmp(g->text, "all") == 0 ? -1 : (int64_t)n;
	return 0;
}

/* clang-format off */
static const struct opt logs_opts[] = {
	{ 'f', "follow", NULL, "go on until the run ends", opt_flag, .offset = offsetof(struct logs_options, follow) },
	{ 'n', "tail", "N", "show only the last N lines", logs_tail, .offset = offsetof(struct logs_options, lines) },
	{ 't', "timestamps", NULL, "refused: the log keeps no times", opt_refused, .offset = 0 },
	{ 0, "since", "TIME", "refused: the log keeps no times; --tail N shows the last lines", opt_refused, .offset = 0 },
	{ 0, "until", "TIME", "refused: the log keeps no times", opt_refused, .offset = 0 },
	{ 0, "details", NULL, "no effect: a log has none", opt_ignored, .offset = 0 },
	{ 0 },
};
/* clang-format on */

/* A log that is read: one file, or the two of run_log.h. */
struct logs {
	int dir;     /* of runs/; -1: fd is the file of --log */
	int fd, old; /* -1: there is none */
	char file[RUN_LOG_FILE_SIZE];
	char *buf;
};

static int logs_open_file(struct logs *l, const char *path, struct err *e)
{
	struct stat st;

	/* A fifo must not wait for its writer. */
	l->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (l->fd < 0 || fstat(l->fd, &st) < 0)
		return err_set(e, errno, "logs: %s", path);
	return S_ISREG(st.st_mode) ? 0 : err_set(e, 0, "logs: %s: is not a plain file", path);
}

/* The newer file first: if it becomes the old one meanwhile, both are the same. */
static int logs_open(struct logs *l, const struct live_run *r, struct err *e)
{
	const char *path = live_run_text(r, "log"), *id = live_run_text(r, "id");
	char old[RUN_LOG_FILE_SIZE];

	if (r->alive && !r->facts)
		return err_set(e, 0, "%s: is just starting", r->called);
	if (!json_get(r->facts, "log")) {
		(void)err_set(e, 0, "%s: was started without --detach: no log is kept", r->called);
		return err_hint(e, "its output went where its caller sent it");
	}
	if (*path)
		return logs_open_file(l, path, e);
	l->dir = r->dir;
	run_log_file(l->file, id, false);
	run_log_file(old, id, true);
	l->fd = path_open_beneath(l->dir, l->file, O_RDONLY, 0);
	l->old = path_open_beneath(l->dir, old, O_RDONLY, 0);
	if (l->fd >= 0 && l->old >= 0 && path_is_at(l->fd, l->dir, old))
		fd_closep(&l->old);
	return 0;
}

/*
 * Move fd to behind its *lines-th end of a line, counted from the end and from 0, and take from
 * *lines how many it has.  That of the very last line does not count: it begins no other.
 */
static void logs_seek(struct logs *l, int fd, bool last, int64_t *lines)
{
	off_t end = lseek(fd, 0, SEEK_END), at = end;

	while (*lines >= 0 && at > 0) {
		size_t want = at < LOGS_CHUNK ? (size_t)at : LOGS_CHUNK;
		ssize_t n = pread(fd, l->buf, want, at - (off_t)want);

		if (n != (ssize_t)want)
			break;
		for (; n > 0; n--)
			if (l->buf[n - 1] == '\n' && !(last && at - (off_t)want + n == end) &&
				--*lines < 0)
				break;
		at -= (off_t)want - n;
	}
	(void)lseek(fd, *lines < 0 ? at : 0, SEEK_SET);
}

/* Start at the last lines. */
static void logs_skip(struct logs *l, int64_t lines)
{
	if (lines == 0)
		(void)lseek(l->fd, 0, SEEK_END);
	lines--;
	if (lines >= 0 && l->fd >= 0)
		logs_seek(l, l->fd, true, &lines);
	if (lines < 0)
		fd_closep(&l->old);
	else if (l->old >= 0)
		logs_seek(l, l->old, l->fd < 0, &lines);
}

static int logs_copy(const struct logs *l, int fd, struct err *e)
{
	ssize_t n = 0;

	while (fd >= 0 && (n = read(fd, l->buf, LOGS_CHUNK)) > 0)
		if (fd_write_full(STDOUT_FILENO, l->buf, (size_t)n) < 0)
			return err_set(e, errno, "write to standard output");
	return n < 0 ? err_set(e, errno, "logs: read") : 0;
}

/* Copy what has come.  If another file has taken this one's place, go on with that. */
static int logs_more(struct logs *l, struct err *e)
{
	int r;
	bool again = l->dir >= 0 && (l->fd < 0 || !path_is_at(l->fd, l->dir, l->file));

	r = logs_copy(l, l->fd, e);
	if (r < 0 || !again)
		return r;
	fd_closep(&l->fd);
	l->fd = path_open_beneath(l->dir, l->file, O_RDONLY, 0);
	return logs_copy(l, l->fd, e);
}

static int logs_show(
	struct logs *l, struct live_run *r, const struct logs_options *o, struct err *e)
{
	int status;

	if (o->lines >= 0)
		logs_skip(l, o->lines);
	status = logs_copy(l, l->old, e);
	if (status == 0)
		status = logs_copy(l, l->fd, e);
	for (bool alive = o->follow && r->alive; status == 0 && alive;) {
		proc_pause(LOGS_LOOK_MS);
		/* What a run has printed is there before it counts as ended. */
		live_run_look(r);
		alive = r->alive;
		status = logs_more(l, e);
	}
	return status;
}

static int logs_run(struct call *c, struct err *e)
{
	struct logs l = { .dir = -1, .fd = -1, .old = -1, .buf = xmalloc(LOGS_CHUNK) };
	struct live_run r = LIVE_RUN_NONE;
	int status = -1;

	if (runs_find(&c->store.runs, c->words[0], &r, e) == 0 && logs_open(&l, &r, e) == 0)
		status = logs_show(&l, &r, c->options, e);
	live_run_done(&r);
	fd_closep(&l.fd);
	fd_closep(&l.old);
	free(l.buf);
	return status;
}

const struct verb verb_logs = {
	.name = "logs",
	.synopsis = "[-f] [--tail N] NAME|ID",
	.summary = "show what a run in the background has printed",
	.opts = logs_opts,
	.size = sizeof(struct logs_options),
	.defaults = &(const struct logs_options){ .lines = -1 },
	.least = 1,
	.most = 1,
	.wants = "needs one run",
	.words = VERB_RUNS,
	.store = VERB_STORE_OWN,
	.run = logs_run,
	.details =
		"What a run with --detach prints is kept in the store: standard output and standard error in one stream, at least\n"
		"the last 8 MiB.  It stays for a day after the end of the run.  With `run --log FILE`, `logs` reads FILE.",
};
