/*
 * report: what a run reports to other programs.
 * Touches the descriptor and the files that the options name.
 */
#include "launch/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/json.h"

#define REPORT_FIRST_FD 64 /* above most descriptors of --preserve-fds */
#define REPORT_FILE_MODE 0644

int report_open(int number, struct err *e)
{
	int fd = fcntl(number, F_DUPFD_CLOEXEC, REPORT_FIRST_FD);

	if (fd < 0 && errno == EINVAL) /* the limit is lower */
		fd = fcntl(number, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return err_set(e, errno, "--status-fd %d", number);
	if (number > STDERR_FILENO)
		(void)close(number);
	return fd;
}

/* The reader may be gone.  SIGPIPE must not end the run, and its disposition is the caller's. */
static void report_put(int fd, json *j)
{
	auto_free char *text = json_dump(j, false);
	size_t len = strlen(text);
	sigset_t pipe, old;
	const struct timespec now = { 0 };

	text[len++] = '\n'; /* replaces the final NUL */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	(void)sigprocmask(SIG_BLOCK, &pipe, &old);
	if (fd_write_full(fd, text, len) < 0 && errno == EPIPE && !sigismember(&old, SIGPIPE))
		(void)sigtimedwait(&pipe, NULL, &now);
	/* Not all of old: musl leaves signals 32 to 34 out of it, and they would come through. */
	if (!sigismember(&old, SIGPIPE))
		(void)sigprocmask(SIG_UNBLOCK, &pipe, NULL);
}

static json *report_event(const char *event, const char *id)
{
	json *j = json_new_obj();

	json_put_str(j, "event", event);
	json_put_str(j, "id", id && *id ? id : NULL);
	return j;
}

void report_started(int fd, const char *id, const char *name, pid_t pid)
{
	auto_json j = fd < 0 ? NULL : report_event("started", id);

	if (!j)
		return;
	json_put_str(j, "name", name);
	json_put_int(j, "pid", pid);
	report_put(fd, j);
}

void report_exited(int fd, const char *id, int status, const struct runtime_events *ev)
{
	auto_json j = fd < 0 ? NULL : report_event("exited", id);

	if (!j)
		return;
	json_put_int(j, "status", status);
	if (ev->signal)
		json_put_int(j, "signal", ev->signal);
	if (ev->timed_out)
		json_put_bool(j, "timeout", true);
	if (ev->out_of_memory)
		json_put_bool(j, "out_of_memory", true);
	report_put(fd, j);
}

void report_failed(int fd, const struct err *e)
{
	auto_json j = fd < 0 ? NULL : report_event("failed", NULL);

	if (!j)
		return;
	json_put_int(j, "status", e->status ? e->status : EXIT_SANDBOX);
	json_put_str(j, "message", e->msg);
	json_put_str(j, "hint", e->hint[0] ? e->hint : NULL);
	report_put(fd, j);
}

int report_file_open(struct report_file *f, const char *option, const char *path, struct err *e)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	char parent[PATH_MAX] = ".";

	*f = (struct report_file){ .dir = -1, .option = option };
	if (!path)
		return 0;
	f->name = slash ? slash + 1 : path;
	if (!*f->name || (slash && slash - path >= (ptrdiff_t)sizeof(parent) - 1))
		return err_set(e, 0, "--%s: not the name of a file: %s", option, path);
	if (slash) {
		memcpy(parent, path, (size_t)(slash - path) + 1);
		parent[slash - path + 1] = '\0';
	}
	f->dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return f->dir < 0 ? err_set(e, errno, "--%s: %s", option, path) : 0;
}

int report_file_number(struct report_file *f, long number, struct err *e)
{
	char text[32];

	if (f->dir < 0)
		return 0;
	(void)snprintf(text, sizeof(text), "%ld\n", number);
	if (fd_replace_file(f->dir, f->name, text, strlen(text), REPORT_FILE_MODE) < 0)
		return err_set(e, errno, "--%s: %s", f->option, f->name);
	f->made = true;
	return 0;
}

int report_file_new(struct report_file *f, const char *word, struct err *e)
{
	auto_fd fd = -1;

	if (f->dir < 0)
		return 0;
	fd = openat(f->dir, f->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		REPORT_FILE_MODE);
	if (fd < 0) {
		(void)err_set(e, errno, "--%s: %s", f->option, f->name);
		return e->code == EEXIST ? err_hint(e, "another run may have made it") : -1;
	}
	f->made = true;
	return fd_write_full(fd, word, strlen(word)) < 0
		       ? err_set(e, errno, "--%s: %s", f->option, f->name)
		       : 0;
}

void report_file_done(struct report_file *f, bool remove)
{
	if (f->made && remove)
		(void)unlinkat(f->dir, f->name, 0);
	fd_closep(&f->dir);
}
