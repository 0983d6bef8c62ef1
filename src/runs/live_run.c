/*
 * live_run: an entry of runs/ as it was read.
 * Reads and removes entries; looks at processes.
 */
#include "runs/live_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runs/door.h"
#include "util/fd.h"
#include "util/path.h"

#define LIVE_RUN_STATUS "{\"status\":" /* how RUN_STATUS_LINE begins */
#define LIVE_RUN_ENTRY_MAX (16u << 20) /* bytes; a seccomp profile may be in it */
#define LIVE_RUN_KEEP_SECONDS 86400    /* how long a status is kept */
#define LIVE_RUN_TRIES 20	       /* a reader may hold the lock for a moment */
#define LIVE_RUN_PAUSE_MS 5	       /* between tries */
#define LIVE_RUN_LOOK_MS 100	       /* how often to look for an end, without locks */

static void live_run_clear(struct live_run *r)
{
	json_freep(&r->facts);
	r->facts = NULL;
	free(r->text);
	r->text = NULL;
	r->config = "";
}

/* Reads from the current position of fd, its beginning: a line of facts, the plan, and perhaps the
 * status. */
static void live_run_read(struct live_run *r)
{
	char *text = fd_read_all(r->fd, LIVE_RUN_ENTRY_MAX, NULL), *save = NULL;
	struct err ignored;
	int64_t status = -1;

	if (!text)
		return;
	live_run_clear(r);
	r->text = text;
	if (text[0] != '{')
		return; /* it has not been written yet, see run_entry.c */
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!r->facts) {
			r->facts = json_parse(line, strlen(line), &ignored);
		} else if (strncmp(line, LIVE_RUN_STATUS, strlen(LIVE_RUN_STATUS)) == 0) {
			auto_json last = json_parse(line, strlen(line), &ignored);

			if (last && json_get_i64(last, "status", &status, &ignored) == 0)
				r->status = (int)status;
		} else {
			r->config = line;
		}
	}
}

const char *live_run_text(const struct live_run *r, const char *key)
{
	const char *text = json_text(json_get(r->facts, key));

	return text ? text : "";
}

int64_t live_run_number(const struct live_run *r, const char *key)
{
	struct err ignored;
	int64_t n = 0;

	return json_get_i64(r->facts, key, &n, &ignored) < 0 ? 0 : n;
}

const char *live_run_name(const struct live_run *r, char buf[RUN_NAME_MAX + 1])
{
	(void)snprintf(buf, RUN_NAME_MAX + 1, "%.*s", (int)strcspn(r->file, "@"), r->file);
	return strcmp(buf, live_run_text(r, "id")) == 0 ? "" : buf;
}

void live_run_done(struct live_run *r)
{
	fd_closep(&r->fd);
	live_run_clear(r);
}

static int live_run_open_process(const struct live_run *r, struct proc *init)
{
	return proc_open(
		init, (pid_t)live_run_number(r, "pid"), (uint64_t)live_run_number(r, "start"));
}

static bool live_run_process(const struct live_run *r)
{
	struct proc init = PROC_NONE;
	bool ok = r->facts && live_run_open_process(r, &init) == 0;

	proc_done(&init);
	return ok;
}

bool live_run_has_process(int fd)
{
	struct live_run r = LIVE_RUN_NONE;
	bool alive;

	r.fd = fd;
	live_run_read(&r);
	alive = r.status < 0 && live_run_process(&r);
	live_run_clear(&r);
	return alive;
}

/*
 * While the runner holds its lock, no shared lock can be taken.  One that is taken is released at
 * once.  A run that has written its status counts as ended.
 */
void live_run_look(struct live_run *r)
{
	bool got = flock(r->fd, LOCK_SH | LOCK_NB) == 0;
	bool held = !got && errno == EWOULDBLOCK;

	if (got)
		(void)flock(r->fd, LOCK_UN);
	(void)lseek(r->fd, 0, SEEK_SET);
	live_run_read(r);
	r->alive = r->status < 0 && (held || (!got && live_run_process(r)));
}

int live_run_open(struct live_run *r, int dir, const char *file)
{
	size_t len = strlen(file);

	*r = LIVE_RUN_NONE;
	if (len > RUN_FILE_MAX || strchr(file, '/'))
		return err_errno(ENOENT);
	r->dir = dir;
	memcpy(r->file, file, len + 1);
	/* NFS locks only files that are open for writing. */
	r->fd = path_open_beneath(dir, file, O_RDWR, 0);
	if (r->fd < 0)
		return -1;
	live_run_look(r);
	return 0;
}

bool live_run_tells(const struct live_run *r)
{
	return r->status >= 0 || (r->facts && run_log_is_there(r->dir, live_run_text(r, "id")));
}

bool live_run_is_over(const struct live_run *r)
{
	struct stat st;

	return !r->alive && (!live_run_tells(r) || fstat(r->fd, &st) < 0 ||
				    time(NULL) - st.st_mtime > LIVE_RUN_KEEP_SECONDS);
}

/* One that was killed early has not written whether it has a door. */
static void live_run_remove_door(const struct live_run *r)
{
	char door[DOOR_FILE_SIZE];

	if (r->facts && !*live_run_text(r, "door"))
		return;
	door_file(door, r->file);
	(void)unlinkat(r->dir, door, 0);
}

bool live_run_remove(const struct live_run *r)
{
	bool locked = flock(r->fd, LOCK_EX | LOCK_NB) == 0;
	const char *file = r->file;
	char own[RUN_FILE_MAX + 1];

	if (!locked && errno == EWOULDBLOCK)
		return false;
	if (path_is_at(r->fd, r->dir, file)) {
		live_run_remove_door(r);
	} else {
		(void)snprintf(own, sizeof(own), "%s%s", live_run_text(r, "id"), strchr(file, '@'));
		file = own;
	}
	if (path_is_at(r->fd, r->dir, file)) {
		(void)unlinkat(r->dir, file, 0);
		if (json_get(r->facts, "log"))
			run_log_remove(r->dir, live_run_text(r, "id"));
	}
	(void)flock(r->fd, LOCK_UN);
	return true;
}

void live_run_forget(const struct live_run *r, bool log)
{
	if (!log && run_log_is_there(r->dir, live_run_text(r, "id")))
		return;
	for (int i = 0; i < LIVE_RUN_TRIES && !live_run_remove(r); i++)
		proc_pause(LIVE_RUN_PAUSE_MS);
}

int live_run_open_init(const struct live_run *r, struct proc *init, struct err *e)
{
	*init = PROC_NONE;
	if (r->alive && !r->facts)
		return err_set(e, 0, "%s: is just starting", r->called);
	if (r->alive && live_run_open_process(r, init) == 0)
		return 0;
	return r->status < 0 ? err_set(e, 0, "%s: has ended", r->called)
			     : err_set(e, 0, "%s: has ended, with status %d", r->called, r->status);
}

bool live_run_is_alone(const struct live_run *r, bool no_init)
{
	return no_init || *live_run_text(r, "door");
}

int live_run_wait(struct live_run *r, struct err *e)
{
	while (r->alive) {
		if (flock(r->fd, LOCK_SH) == 0) {
			(void)flock(r->fd, LOCK_UN);
			break;
		}
		if (errno == EINTR)
			continue;
		proc_pause(LIVE_RUN_LOOK_MS);
		live_run_look(r);
	}
	r->alive = false;
	(void)lseek(r->fd, 0, SEEK_SET);
	live_run_read(r);
	return r->status < 0
		       ? err_set(e, 0, "%s: its runner was killed, and left no status", r->called)
		       : 0;
}
