/*
 * run: reading an entry of runs/.
 * Reads runs/ of the store, and removes dead entries; looks at
 * processes.
 */
#include "runs/read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/node.h"
#include "util/path.h"

#define RUN_ENTRY_MAX (16u << 20) /* bytes; a seccomp profile may be in it */
#define RUN_KEEP_SECONDS 86400	  /* a status that nobody asked for */
#define RUN_FOREIGN_SECONDS (7 * 86400)
#define RUN_NONE ((struct run){ .fd = -1, .status = -1 })
#define RUN_TRIES 20	/* for a lock that who only looks may have for a moment */
#define RUN_PAUSE_MS 5	/* between them */
#define RUN_LOOK_MS 100 /* how often to look for an end, without locks */

/* The text is what the runner told, and perhaps a second line with its status. */
static void run_read(struct run *r)
{
	struct err ignored;
	auto_free char *text = NULL;
	char *line;
	int64_t status = -1;

	if (lseek(r->fd, 0, SEEK_SET) != 0)
		return;
	text = fd_read_all(r->fd, RUN_ENTRY_MAX, NULL);
	if (!text)
		return;
	line = text + strcspn(text, "\n");
	if (*line) {
		auto_json last = json_parse(line, strlen(line), &ignored);

		if (last && json_get_i64(last, "status", &status, &ignored) == 0)
			r->status = (int)status;
		*line = '\0';
	}
	json_freep(&r->facts);
	r->facts = *text ? json_parse(text, strlen(text), &ignored) : NULL;
}

const char *run_text(const struct run *r, const char *key)
{
	const char *text = json_text(json_get(r->facts, key));

	return text ? text : "";
}

int64_t run_number(const struct run *r, const char *key)
{
	struct err ignored;
	int64_t n = 0;

	return json_get_i64(r->facts, key, &n, &ignored) < 0 ? 0 : n;
}

void run_done(struct run *r)
{
	fd_closep(&r->fd);
	json_freep(&r->facts);
	r->facts = NULL;
}

static bool run_has_process(const struct run *r)
{
	struct proc init = PROC_NONE;
	bool ok = proc_open(&init, (pid_t)run_number(r, "pid"), (uint64_t)run_number(r, "start")) ==
		  0;

	proc_done(&init);
	return ok;
}

bool run_is_alive(int fd)
{
	struct run r = RUN_NONE;
	bool alive;

	r.fd = fd;
	run_read(&r);
	alive = r.facts && r.status < 0 && run_has_process(&r);
	json_freep(&r.facts);
	return alive;
}

/*
 * A shared lock is to be had only when the runner's own is gone.  It is given back at once.  Who
 * has written a status is as good as gone.
 */
static void run_look(struct run *r)
{
	bool got = flock(r->fd, LOCK_SH | LOCK_NB) == 0;
	bool held = !got && errno == EWOULDBLOCK;

	if (got)
		(void)flock(r->fd, LOCK_UN);
	run_read(r);
	r->alive = r->status < 0 && (held || (!got && r->facts && run_has_process(r)));
}

/* Whether an entry that is not alive can go. */
static bool run_is_over(const struct run *r)
{
	struct stat st;

	return r->status < 0 || fstat(r->fd, &st) < 0 ||
	       time(NULL) - st.st_mtime > RUN_KEEP_SECONDS;
}

/*
 * Only while it is locked, and still what has the name: somebody may be entering under it.  Returns
 * false where another process has the lock, perhaps only to look.
 */
static bool run_remove(struct store *s, const struct run *r)
{
	struct stat here, there;
	bool locked = flock(r->fd, LOCK_EX | LOCK_NB) == 0;

	if (!locked && errno == EWOULDBLOCK)
		return false;
	if (fstat(r->fd, &here) == 0 &&
		fstatat(s->runs, r->file, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		here.st_ino == there.st_ino)
		(void)unlinkat(s->runs, r->file, 0);
	(void)flock(r->fd, LOCK_UN);
	return true;
}

void run_forget(struct store *s, const struct run *r)
{
	const struct timespec pause = { .tv_nsec = RUN_PAUSE_MS * 1000000L };

	for (int i = 0; i < RUN_TRIES && !run_remove(s, r); i++)
		(void)nanosleep(&pause, NULL);
}

/* Calls fn for each entry, dead or alive: of this machine, or of all. */
static int run_each_entry(struct store *s, bool all, int (*fn)(struct run *r, void *arg), void *arg)
{
	char host[NODE_NAME_MAX + 1];
	auto_fd fd = openat(s->runs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	int stop = 0;

	if (!d)
		return -1;
	(void)fd_take(&fd); /* the directory stream's */
	node_name(host);
	for (struct dirent *entry; !stop && (entry = readdir(d));) {
		const char *at = strchr(entry->d_name, '@');
		struct run r = RUN_NONE;

		if (!at || strlen(entry->d_name) > RUN_FILE_MAX)
			continue;
		r.foreign = strcmp(at + 1, host) != 0;
		if (r.foreign && !all)
			continue;
		memcpy(r.file, entry->d_name, strlen(entry->d_name) + 1);
		r.fd = path_open_beneath(
			s->runs, r.file, O_RDWR, 0); /* NFS locks what may be written to */
		if (r.fd >= 0) {
			run_look(&r);
			stop = fn(&r, arg);
		}
		run_done(&r);
	}
	return stop;
}

static int run_sweep_one(struct run *r, void *arg)
{
	if (!r->alive && run_is_over(r))
		(void)run_remove(arg, r);
	return 0;
}

void runs_sweep(struct store *s)
{
	(void)run_each_entry(s, false, run_sweep_one, s);
}

struct run_use {
	const char *image;
	struct run *found;
};

/*
 * Whether a run of another machine is alive can be told by its lock only where all see it, and not
 * by its process: one that began within a week is taken to be.
 */
static int run_use_one(struct run *r, void *arg)
{
	struct run_use *u = arg;
	struct stat st;
	bool alive = r->alive || (r->foreign && r->status < 0 && fstat(r->fd, &st) == 0 &&
					 time(NULL) - st.st_mtime < RUN_FOREIGN_SECONDS);

	if (!alive || strcmp(run_text(r, "image"), u->image) != 0)
		return 0;
	memcpy(u->found->file, r->file, sizeof(r->file));
	return 1;
}

bool runs_use(struct store *s, const char *image, char file[RUN_FILE_MAX + 1])
{
	struct run found = RUN_NONE;
	struct run_use u = { .image = image, .found = &found };
	bool used = run_each_entry(s, true, run_use_one, &u) == 1;

	memcpy(file, found.file, sizeof(found.file));
	return used;
}

static int run_dead_one(struct run *r, void *arg)
{
	*(unsigned *)arg += !r->alive && run_is_over(r);
	return 0;
}

unsigned runs_dead(struct store *s)
{
	unsigned n = 0;

	(void)run_each_entry(s, false, run_dead_one, &n);
	return n;
}

struct run_visit {
	struct store *store;
	int (*fn)(const struct run *r, void *arg);
	void *arg;
};

static int run_visit_one(struct run *r, void *arg)
{
	struct run_visit *v = arg;

	(void)run_sweep_one(r, v->store);
	return r->alive && r->facts ? v->fn(r, v->arg) : 0;
}

int runs_each(struct store *s, int (*fn)(const struct run *r, void *arg), void *arg, struct err *e)
{
	struct run_visit v = { .store = s, .fn = fn, .arg = arg };
	int stop = run_each_entry(s, false, run_visit_one, &v);

	return stop < 0 ? err_set(e, errno, "store: runs") : stop;
}

struct run_search {
	const char *name;
	struct run *found;
	unsigned n;
};

static int run_match(struct run *r, void *arg)
{
	struct run_search *q = arg;
	const char *id = run_text(r, "id");
	bool exact = strcmp(run_text(r, "name"), q->name) == 0 || strcmp(id, q->name) == 0;
	/* one that is about to start has its name already, as its file's */
	size_t len = strcspn(r->file, "@");

	exact = exact || (strlen(q->name) == len && strncmp(r->file, q->name, len) == 0);
	if ((!r->alive && r->status < 0) || (!exact && strncmp(id, q->name, strlen(q->name)) != 0))
		return 0;
	run_done(q->found);
	*q->found = *r;
	*r = RUN_NONE; /* handed over */
	q->n++;
	return exact;
}

int runs_find(struct store *s, const char *name, struct run *r, struct err *e)
{
	struct run_search q = { .name = name, .found = r };

	*r = RUN_NONE;
	if (*name && run_each_entry(s, false, run_match, &q) == 1)
		return 0;
	if (q.n == 1)
		return 0;
	if (q.n > 1)
		return err_set(e, 0, "%s: several runs have an id that begins like this", name);
	(void)err_set(e, 0, "%s: no such run", name);
	e->code = ENOENT;
	return err_hint(e, "`sandbox ps` lists them");
}

int run_open_init(const struct run *r, struct proc *init, struct err *e)
{
	const char *id = run_text(r, "id");

	*init = PROC_NONE;
	if (r->alive && !r->facts)
		return err_set(e, 0, "%.*s: is just starting", (int)strcspn(r->file, "@"), r->file);
	if (!r->alive ||
		proc_open(init, (pid_t)run_number(r, "pid"), (uint64_t)run_number(r, "start")) < 0)
		return err_set(e, 0, "%s: has just ended", id);
	return 0;
}

int run_wait(struct run *r, struct err *e)
{
	const struct timespec pause = { .tv_nsec = RUN_LOOK_MS * 1000000L };

	while (r->alive) {
		if (flock(r->fd, LOCK_SH) == 0) {
			(void)flock(r->fd, LOCK_UN);
			break;
		}
		if (errno == EINTR)
			continue;
		(void)nanosleep(&pause, NULL);
		run_look(r);
	}
	r->alive = false;
	run_read(r);
	return r->status < 0 ? err_set(e, 0, "%s: its runner was killed, and left no status",
				       run_text(r, "id"))
			     : 0;
}
