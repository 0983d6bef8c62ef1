/*
 * writer: the queue of files, the thread that makes them, and the owner's part.
 * Makes files in the given directories.
 *
 * Each file uses one of WRITER_FILES slots, in turn.  The state of a slot is under the lock.  The
 * rest belongs to the thread that makes the file meanwhile, and to the owner's thread before and
 * after.
 *
 * The thread makes the oldest queued file.  The owner's thread, if it has to wait for a slot, makes
 * the newest: that one is most likely in another directory, and the kernel makes one file at a time
 * in a directory (i_rwsem).
 */
#include "unpack/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/thread.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/sum.h"
#include "util/table.h"

#define WRITER_WAKE 8 /* number of queued files at which the thread is woken */

enum writer_state { STATE_FREE, STATE_QUEUED, STATE_BUSY, STATE_DONE };

/* A directory stays open as long as one of its files is queued. */
struct writer_dir {
	int fd; /* -1: this slot is free */
	unsigned files;
};

struct writer {
	struct writer_owner owner;
	struct writer_file files[WRITER_FILES];
	struct writer_dir dirs[WRITER_DIRS];
	unsigned dir;	    /* the current one */
	size_t first, last; /* files first .. last - 1 are in use, modulo WRITER_FILES */
	bool threaded, refused;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	enum writer_state states[WRITER_FILES];
	size_t next; /* no file before it is queued */
	size_t queued;
	bool stop;
};

static int writer_fill(int fd, struct writer_file *f)
{
	const struct timespec times[2] = { f->mtime, f->mtime };
	struct sum sum = SUM_NONE;

	if (f->record) {
		sum_add(&sum, 0, f->data, f->len);
		f->sum = sum_end(&sum);
	}
	if (fd_write_full(fd, f->data, f->len) < 0)
		return -1;
	if (f->size != f->len && ftruncate(fd, (off_t)f->size) < 0)
		return -1;
	/* Writing clears setuid and setgid, and so may creating: inode(7). */
	if ((f->mode & 07000) && fchmod(fd, f->mode) < 0)
		return -1;
	if (f->has_mtime && futimens(fd, times) < 0)
		return -1;
	return f->uid || f->gid || f->record ? fstat(fd, &f->st) : 0;
}

/* Make a file, in either thread.  code tells the result; the owner handles EEXIST. */
static void writer_make(const struct writer *w, struct writer_file *f)
{
	auto_fd fd = openat(w->dirs[f->dir].fd, f->path + f->name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, f->mode);

	f->code = fd < 0 ? errno : 0;
	if (fd >= 0 && writer_fill(fd, f) < 0)
		f->code = errno == EEXIST ? EIO : errno;
}

/* Make the file of a slot.  The lock is held before and after. */
static void writer_make_at(struct writer *w, size_t at)
{
	w->queued--;
	w->states[at] = STATE_BUSY;
	(void)pthread_mutex_unlock(&w->lock);
	writer_make(w, &w->files[at]);
	(void)pthread_mutex_lock(&w->lock);
	w->states[at] = STATE_DONE;
	(void)pthread_cond_broadcast(&w->changed);
}

/* Make the oldest queued file.  The lock is held before and after.  False if there is none. */
static bool writer_make_oldest(struct writer *w)
{
	if (w->queued == 0)
		return false;
	while (w->states[w->next % WRITER_FILES] != STATE_QUEUED)
		w->next++;
	writer_make_at(w, w->next++ % WRITER_FILES);
	return true;
}

/* Likewise the newest, in the owner's thread. */
static bool writer_make_newest(struct writer *w)
{
	size_t last = w->last;

	if (w->queued == 0)
		return false;
	while (w->states[--last % WRITER_FILES] != STATE_QUEUED)
		;
	writer_make_at(w, last % WRITER_FILES);
	return true;
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;

	(void)pthread_mutex_lock(&w->lock);
	while (!w->stop)
		if (!writer_make_oldest(w))
			(void)pthread_cond_wait(&w->changed, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void writer_close_unused(struct writer *w, unsigned dir)
{
	if (dir == w->dir || w->dirs[dir].files > 0)
		return;
	fd_closep(&w->dirs[dir].fd);
	w->dirs[dir].fd = -1;
}

/* Free the oldest slot once its file is made; make it here if the thread has not begun. */
static int writer_free_first(struct writer *w, struct err *e)
{
	size_t at = w->first % WRITER_FILES;
	struct writer_file *f = &w->files[at];

	(void)pthread_mutex_lock(&w->lock);
	while (w->states[at] != STATE_DONE)
		if (!writer_make_newest(w))
			(void)pthread_cond_wait(&w->changed, &w->lock);
	w->states[at] = STATE_FREE;
	(void)pthread_mutex_unlock(&w->lock);
	w->first++;
	if (f->code == EEXIST) {
		if (w->owner.make_way(w->owner.arg, w->dirs[f->dir].fd, f, e) < 0)
			return -1;
		writer_make(w, f);
	}
	w->dirs[f->dir].files--;
	writer_close_unused(w, f->dir);
	if (f->code)
		return err_set(e, f->code, "entry %s", f->path);
	return w->owner.made(w->owner.arg, f, e);
}

struct writer *writer_new(const struct writer_owner *owner)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (!w)
		w = xmalloc(SIZE_MAX); /* prints that there is no memory, and exits */
	w->owner = *owner;
	for (size_t i = 0; i < WRITER_DIRS; i++)
		w->dirs[i].fd = -1;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->changed, NULL);
	return w;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	if (w->threaded) {
		(void)pthread_mutex_lock(&w->lock);
		w->stop = true;
		(void)pthread_cond_broadcast(&w->changed);
		(void)pthread_mutex_unlock(&w->lock);
		(void)pthread_join(w->thread, NULL);
	}
	for (size_t i = 0; i < WRITER_DIRS; i++)
		fd_closep(&w->dirs[i].fd);
	for (size_t i = 0; i < WRITER_FILES; i++)
		free(w->files[i].data);
	(void)pthread_cond_destroy(&w->changed);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

int writer_set_dir(struct writer *w, int dir, struct err *e)
{
	unsigned before = w->dir, i = 0;

	while (w->dirs[i].fd >= 0 && (i != before || w->dirs[i].files > 0)) {
		if (++i < WRITER_DIRS)
			continue;
		if (writer_free_first(w, e) < 0) {
			fd_closep(&dir);
			return -1;
		}
		i = 0;
	}
	fd_closep(&w->dirs[i].fd);
	w->dirs[i] = (struct writer_dir){ .fd = dir };
	w->dir = i;
	writer_close_unused(w, before);
	return 0;
}

struct writer_file *writer_next(struct writer *w, struct err *e)
{
	struct writer_file *f = &w->files[w->last % WRITER_FILES];

	if (w->last - w->first == WRITER_FILES) {
		/* For fewer files the thread would start too late. */
		if (!w->threaded && !w->refused)
			w->threaded = thread_start(&w->thread, NULL, writer_main, w);
		w->refused = !w->threaded;
		if (writer_free_first(w, e) < 0)
			return NULL;
	}
	if (!f->data)
		f->data = xmalloc(WRITER_FILE_MAX);
	return f;
}

void writer_add(struct writer *w, struct writer_file *f)
{
	f->dir = w->dir;
	f->hash = table_hash(f->path, strlen(f->path));
	w->dirs[w->dir].files++;
	(void)pthread_mutex_lock(&w->lock);
	w->states[w->last++ % WRITER_FILES] = STATE_QUEUED;
	w->queued++;
	/* Wake a sleeping thread for several files: waking it takes longer than making one. */
	if (w->queued >= WRITER_WAKE)
		(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
}

bool writer_has(const struct writer *w, const char *path, size_t len)
{
	uint64_t hash = table_hash(path, len);

	for (size_t i = w->first; i != w->last; i++)
		if (w->files[i % WRITER_FILES].hash == hash)
			return true;
	return false;
}

int writer_settle(struct writer *w, struct err *e)
{
	while (w->first != w->last)
		if (writer_free_first(w, e) < 0)
			return -1;
	return 0;
}
