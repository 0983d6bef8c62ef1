/*
 * run_entry: makes, writes and removes the entry of this process.
 * Touches the entry of this process in runs/.
 */
#include "runs/run_entry.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/path.h"

#define RUN_ENTRY_TRIES 5     /* a reader may hold the lock for a moment */
#define RUN_ENTRY_PAUSE_MS 10 /* between tries */
#define RUN_ENTRY_MORE 512    /* bytes for what run_entry_write adds, and the status */

/* Docker's rule for names of containers. */
int run_entry_check_name(const char *of, const char *name, struct err *e)
{
	size_t n = strlen(name);
	bool ok = n > 0 && n <= RUN_NAME_MAX && isalnum((unsigned char)name[0]);

	for (size_t i = 0; ok && i < n; i++)
		ok = isalnum((unsigned char)name[i]) || strchr("_.-", name[i]);
	return ok ? 0
		  : err_set(e, 0,
			    "%s: %s: must begin with a letter or digit, contain only those, '_', '.' and '-', and have at most %d characters",
			    of, name, RUN_NAME_MAX);
}

static int run_entry_make_id(char id[RUN_ID_DIGITS + 1], struct err *e)
{
	unsigned char bytes[RUN_ID_DIGITS / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_set(e, errno, "choose an id");
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* A run that has ended still has the name: what can be asked of it goes under its id.  False: nothing. */
static bool run_entry_move(const struct run_entry *r)
{
	struct live_run old;
	char file[RUN_FILE_MAX + 1];
	bool moved = false;

	if (live_run_open(&old, r->runs->dir, r->file) == 0 && live_run_tells(&old)) {
		(void)snprintf(file, sizeof(file), "%s%s", live_run_text(&old, "id"),
			strchr(r->file, '@'));
		moved = strcmp(file, r->file) != 0 &&
			renameat(r->runs->dir, r->file, r->runs->dir, file) == 0;
	}
	live_run_done(&old);
	return moved;
}

/* Returns 1 if the entry is ours, 0 if a live run has it, or -1 with errno.  If its owner has just
 * removed the file, try again. */
static int run_entry_try(struct run_entry *r)
{
	const bool named = strncmp(r->file, r->id, RUN_ID_DIGITS) != 0;

	for (;;) {
		auto_fd fd = path_open_beneath(r->runs->dir, r->file, O_RDWR | O_CREAT, 0600);

		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0 &&
			(errno == EWOULDBLOCK || live_run_has_process(fd)))
			return 0;
		if (!path_is_at(fd, r->runs->dir, r->file) || (named && run_entry_move(r)))
			continue;
		r->lock = fd_take(&fd);
		return 1;
	}
}

/* Lines that say nothing yet.  Returns 0, or -1 with errno. */
static int run_entry_reserve(int fd, size_t room)
{
	auto_free char *lines = xmalloc(room + RUN_ENTRY_MORE);

	memset(lines, '\n', room + RUN_ENTRY_MORE);
	return fd_write_full(fd, lines, room + RUN_ENTRY_MORE) < 0 || lseek(fd, 0, SEEK_SET) < 0
		       ? -1
		       : 0;
}

static void run_entry_set_file(struct run_entry *r, const char *name)
{
	char host[NODE_NAME_MAX + 1];

	node_name(host);
	(void)snprintf(r->file, sizeof(r->file), "%s@%s", name, host);
}

/* Make an empty entry called name, or take that of a run that has ended.  of: for the message. */
static int run_entry_claim(struct run_entry *r, const char *of, const char *name, struct err *e)
{
	int got = 0;

	run_entry_set_file(r, name);
	for (int i = 0; i < RUN_ENTRY_TRIES && got == 0; i++) {
		if (i)
			proc_pause(RUN_ENTRY_PAUSE_MS);
		got = run_entry_try(r);
	}
	if (got < 0)
		return err_set(e, errno, "runs/%s", r->file);
	return got ? 0 : err_set(e, 0, "%s: %s: another run has this name", of, name);
}

int run_entry_enter(
	struct run_entry *r, struct runs *s, const char *name, size_t room, struct err *e)
{
	*r = (struct run_entry){ .runs = s, .lock = -1 };
	if ((name && run_entry_check_name("--name", name, e) < 0) ||
		run_entry_make_id(r->id, e) < 0 ||
		run_entry_claim(r, "--name", name ? name : r->id, e) < 0)
		return -1;
	if (ftruncate(r->lock, 0) < 0 || (room && run_entry_reserve(r->lock, room) < 0))
		return err_set(e, errno, "runs/%s", r->file);
	return 0;
}

int run_entry_seize(struct run_entry *r, struct runs *s, const char *name, struct err *e)
{
	int got;

	*r = (struct run_entry){ .runs = s, .lock = -1 };
	if (run_entry_make_id(r->id, e) < 0)
		return -1;
	run_entry_set_file(r, name);
	got = run_entry_try(r);
	/* To lock again what is locked changes nothing. */
	if (got < 0 ||
		(got && (flock(r->lock, LOCK_EX | LOCK_NB) < 0 || ftruncate(r->lock, 0) < 0)))
		return err_set(e, errno, "lock runs/%s", r->file);
	return got;
}

/* While the new name is locked, no run can begin with it: a run makes sure that what it has locked
 * is still the file of that name. */
int run_entry_rename(struct runs *s, const struct live_run *r, const char *name, struct err *e)
{
	struct run_entry place = { .runs = s, .lock = -1 };
	char own[RUN_NAME_MAX + 1];
	int status = 0;

	if (strcmp(name, live_run_name(r, own)) == 0)
		return err_set(e, 0, "rename: %s: the run has this name", name);
	if (*live_run_text(r, "door"))
		return err_set(
			e, 0, "rename: %s: its ranks find it by its name", live_run_text(r, "id"));
	if (run_entry_check_name("rename", name, e) < 0 ||
		run_entry_claim(&place, "rename", name, e) < 0)
		return -1;
	if (!path_is_at(r->fd, s->dir, r->file))
		status = err_set(e, 0, "rename: the run has just ended");
	else if (renameat(s->dir, r->file, s->dir, place.file) < 0)
		status = err_set(e, errno, "rename: store: runs/%s", r->file);
	if (status < 0)
		(void)unlinkat(s->dir, place.file, 0);
	fd_closep(&place.lock);
	return status;
}

int run_entry_write(struct run_entry *r, pid_t pid, json *facts, const char *config, struct err *e)
{
	auto_free char *text = NULL;
	struct timespec now;
	struct iovec lines[3];
	size_t size;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	json_put_str(facts, "id", r->id);
	json_put_int(facts, "pid", pid);
	json_put_int(facts, "runner", getpid());
	json_put_int(facts, "start", (int64_t)proc_start(pid));
	json_put_int(facts, "started", (int64_t)now.tv_sec);
	text = json_dump(facts, false);
	/* The first byte comes last, so that a reader sees all of it or nothing. */
	lines[0] = (struct iovec){ text + 1, strlen(text) - 1 };
	lines[1] = (struct iovec){ (char *)"\n", 1 };
	lines[2] = (struct iovec){ (char *)config, strlen(config) };
	size = lines[0].iov_len + 1 + lines[2].iov_len;
	if (lseek(r->lock, 1, SEEK_SET) < 0 || writev(r->lock, lines, 3) != (ssize_t)size ||
		pwrite(r->lock, text, 1, 0) != 1) {
		(void)err_set(e, errno, "runs/%s", r->file);
		(void)ftruncate(r->lock, 0);
		return -1;
	}
	return 0;
}

/* `rename` may have given it another name, which the kernel knows, proc(5). */
static void run_entry_remove(const struct run_entry *r)
{
	char link[32], path[PATH_TEXT_MAX];
	const char *file = r->file;

	if (!path_is_at(r->lock, r->runs->dir, file)) {
		ssize_t n =
			readlink(path_of_fd(link, sizeof(link), r->lock), path, sizeof(path) - 1);

		path[n < 0 ? 0 : n] = '\0';
		(void)path_split(path, &file);
		if (!path_is_at(r->lock, r->runs->dir, file))
			return;
	}
	(void)unlinkat(r->runs->dir, file, 0);
}

void run_entry_leave(struct run_entry *r, int status, bool keep)
{
	char line[32];

	if (r->lock < 0)
		return;
	if (status >= 0) {
		(void)snprintf(line, sizeof(line), RUN_STATUS_LINE, status);
		(void)fd_write_full(r->lock, line, strlen(line));
	}
	if (!keep || status < 0)
		run_entry_remove(r);
	if (keep && status < 0)
		run_log_remove(r->runs->dir, r->id);
	fd_closep(&r->lock);
	runs_sweep_few(r->runs);
	*r = RUN_ENTRY_NONE;
}
