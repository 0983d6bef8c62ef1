/*
 * runs: entering and leaving runs/.
 * Touches runs/ of the store.
 */
#include "runs/runs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runs/read.h"
#include "util/fd.h"
#include "util/node.h"
#include "util/path.h"

#define RUNS_TRIES 5	 /* for a lock that who only looks may have for a moment */
#define RUNS_PAUSE_MS 10 /* between them */

/* As docker has it for names of containers. */
static int check_name(const char *name, struct err *e)
{
	size_t n = strlen(name);
	bool ok = n > 0 && n <= RUN_NAME_MAX && isalnum((unsigned char)name[0]);

	for (size_t i = 0; ok && i < n; i++)
		ok = isalnum((unsigned char)name[i]) || strchr("_.-", name[i]);
	return ok ? 0
		  : err_set(e, 0,
			    "--name: %s: must begin with a letter or digit, go on with those, '_', '.' or '-', and have at most %d of them",
			    name, RUN_NAME_MAX);
}

static int make_id(char id[RUN_ID_DIGITS + 1], struct err *e)
{
	unsigned char bytes[RUN_ID_DIGITS / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_set(e, errno, "choose an id");
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* 1: ours, 0: a live run has it, -1 with errno.  A file that its owner removed meanwhile is no
 * entry: try again. */
static int try_enter(struct run_entry *r)
{
	struct stat here, there;

	for (;;) {
		auto_fd fd = path_open_beneath(r->store->runs, r->file, O_RDWR | O_CREAT, 0600);

		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0 && (errno == EWOULDBLOCK || run_is_alive(fd)))
			return 0;
		if (fstat(fd, &here) < 0 ||
			fstatat(r->store->runs, r->file, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
			here.st_ino != there.st_ino)
			continue;
		r->lock = fd_take(&fd);
		return 1;
	}
}

int runs_enter(struct run_entry *r, struct store *s, const char *name, struct err *e)
{
	const struct timespec pause = { .tv_nsec = RUNS_PAUSE_MS * 1000000L };
	char host[NODE_NAME_MAX + 1];
	int got = 0;

	*r = (struct run_entry){ .store = s, .lock = -1, .name = name };
	if ((name && check_name(name, e) < 0) || make_id(r->id, e) < 0)
		return -1;
	node_name(host);
	(void)snprintf(r->file, sizeof(r->file), "%s@%s", name ? name : r->id, host);
	for (int i = 0; i < RUNS_TRIES && got == 0; i++) {
		if (i)
			(void)nanosleep(&pause, NULL);
		got = try_enter(r);
	}
	if (got < 0)
		return err_set(e, errno, "store: runs/%s", r->file);
	if (got == 0)
		return err_set(e, 0, "--name: %s: another run has this name", name ? name : r->id);
	if (ftruncate(r->lock, 0) < 0)
		return err_set(e, errno, "store: runs/%s", r->file);
	return 0;
}

int runs_tell(struct run_entry *r, pid_t pid, json *facts, struct err *e)
{
	auto_free char *text = NULL;
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	json_put_str(facts, "id", r->id);
	json_put_str(facts, "name", r->name);
	json_put_int(facts, "pid", pid);
	json_put_int(facts, "runner", getpid());
	json_put_int(facts, "start", (int64_t)proc_start(pid));
	json_put_int(facts, "started", (int64_t)now.tv_sec);
	text = json_dump(facts, false);
	/* At once, so that who reads meanwhile sees all of it or nothing. */
	if (write(r->lock, text, strlen(text)) != (ssize_t)strlen(text)) {
		(void)err_set(e, errno, "store: runs/%s", r->file);
		(void)ftruncate(r->lock, 0);
		return -1;
	}
	return 0;
}

void runs_leave(struct run_entry *r, int status, bool keep)
{
	char line[32];

	if (r->lock < 0)
		return;
	if (status >= 0) {
		(void)snprintf(line, sizeof(line), RUN_STATUS_LINE, status);
		(void)fd_write_full(r->lock, line, strlen(line));
	}
	if (!keep || status < 0)
		(void)unlinkat(r->store->runs, r->file, 0);
	fd_closep(&r->lock);
	runs_sweep(r->store);
	*r = (struct run_entry){ .store = r->store, .lock = -1 };
}
