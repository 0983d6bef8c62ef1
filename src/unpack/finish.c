/*
 * finish: the last walk through an unpacked tree sets modes and times of directories, and writes
 * the records of owners and contents.
 * Writes below the work directory only, by descriptor.
 *
 * Two threads walk: nothing else is left to do, and one thread takes 60 ms for a tree of 28,000
 * entries.
 */
#include "unpack/finish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/thread.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"

#define FINISH_MANY 1000 /* entries: for fewer a second thread is not worth starting */

struct finish {
	const struct work *work;
	struct tables *tables;
	FILE *owners, *contents; /* NULL: not written */
	pthread_mutex_t
		writing; /* guards the two: musl does not lock a FILE that was opened before the first thread started */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* The rest is under the lock. */
	struct arena arena;
	struct strv dirs;   /* found so far ... */
	size_t next;	    /* ... the next one to scan ... */
	unsigned busy;	    /* ... and how many are being scanned */
	struct strv closed; /* finished after all have been scanned */
	int r;
	struct err *e;
};

/* Record the owner of what is left in the end, under its final name. */
static int finish_write_owner(
	FILE *out, const struct inode_meta *m, const char *dir, const char *name)
{
	if (!out || !m || (!m->uid && !m->gid && !m->device))
		return 0;
	return fprintf(out, "%u %u %c %u %u %s%s%s%c", m->uid, m->gid, m->device ? m->device : '-',
		       m->major, m->minor, dir, *dir && *name ? "/" : "", name, '\0') < 0
		       ? -1
		       : 0;
}

/* Set mode and time of an open directory, and write its record. */
static int finish_dir(
	struct finish *f, const char *path, int fd, const struct stat *st, struct err *e)
{
	struct inode_meta *m = tables_get(f->tables, st->st_ino);
	const bool known = m && m->is_dir;
	const struct content one = { .type = 'd', .mode = known ? m->mode : st->st_mode & 07777 };
	int r = 0;

	(void)pthread_mutex_lock(&f->writing);
	if (f->contents)
		r = contents_write_record(f->contents, &one, "", path);
	(void)pthread_mutex_unlock(&f->writing);
	if (r < 0)
		return err_set(e, errno, "write contents");
	if (!known)
		return 0;
	m->applied = true;
	if (one.mode != (st->st_mode & 07777) && fchmod(fd, m->mode) < 0)
		return err_set(e, errno, "mode of %s", path);
	if (m->has_mtime && futimens(fd, (const struct timespec[]){ m->mtime, m->mtime }) < 0)
		return err_set(e, errno, "time of %s", path);
	return 0;
}

static void finish_add_dir(struct finish *f, const char *path, const char *name)
{
	(void)pthread_mutex_lock(&f->lock);
	strv_add(&f->arena, &f->dirs,
		arena_printf(&f->arena, "%s%s%s", path, *path ? "/" : "", name));
	(void)pthread_cond_broadcast(&f->changed);
	(void)pthread_mutex_unlock(&f->lock);
}

/* Write the records of an entry. */
static int finish_write_records(struct finish *f, const char *path, const struct names *d,
	const char *name, bool is_dir, struct err *e)
{
	const struct inode_meta *m = tables_get(f->tables, d->ino);
	int r = 0;

	(void)pthread_mutex_lock(&f->writing);
	if (finish_write_owner(f->owners, m, path, name) < 0)
		r = err_set(e, errno, "write owners");
	else if (f->contents && !is_dir)
		r = contents_write(&f->tables->contents, f->contents, d->fd, path, name, d->ino,
			d->type == DT_REG, e);
	(void)pthread_mutex_unlock(&f->writing);
	return r;
}

/* Write the records of everything in a directory, and list its subdirectories. */
static int finish_scan_entries(struct finish *f, const char *path, struct names *d, struct err *e)
{
	const char *name;

	while ((name = names_next(d))) {
		bool is_dir = names_is_dir(d, name);

		if (finish_write_records(f, path, d, name, is_dir, e) < 0)
			return -1;
		if (is_dir)
			finish_add_dir(f, path, name);
	}
	return errno ? err_set(e, errno, "read directory %s", path) : 0;
}

static int finish_open_dir(const struct work *w, const char *path, struct stat *st, struct err *e)
{
	auto_fd fd = path_open_beneath(w->rootfs, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0 || fstat(fd, st) < 0)
		return err_set(e, errno, "open %s", path);
	return fd_take(&fd);
}

/*
 * A directory that its owner may no longer read and search is finished after those inside it.  It
 * is listed before them, and the list is finished from its end.
 */
static bool finish_note_closed(struct finish *f, char *path, uint64_t ino)
{
	const struct inode_meta *m = tables_get(f->tables, ino);

	if (!m || !m->is_dir || (m->mode & 0500) == 0500)
		return false;
	(void)pthread_mutex_lock(&f->lock);
	strv_add(&f->arena, &f->closed, path);
	(void)pthread_mutex_unlock(&f->lock);
	return true;
}

static int finish_scan_dir(struct finish *f, char *path, struct err *e)
{
	struct stat st;
	auto_names d;
	bool closed;

	if (names_take(&d, finish_open_dir(f->work, path, &st, e)) < 0)
		return -1;
	closed = finish_note_closed(f, path, st.st_ino);
	if (finish_scan_entries(f, path, &d, e) < 0)
		return -1;
	return closed ? 0 : finish_dir(f, path, d.fd, &st, e);
}

/* Scan directories until all are scanned or one has failed. */
static void *finish_scan_dirs(void *arg)
{
	struct finish *f = arg;

	(void)pthread_mutex_lock(&f->lock);
	while (f->r == 0 && (f->next < f->dirs.n || f->busy > 0)) {
		struct err e = { 0 };
		char *path;
		int r;

		if (f->next == f->dirs.n) {
			(void)pthread_cond_wait(&f->changed, &f->lock);
			continue;
		}
		path = f->dirs.v[f->next++];
		f->busy++;
		(void)pthread_mutex_unlock(&f->lock);
		r = finish_scan_dir(f, path, &e);
		(void)pthread_mutex_lock(&f->lock);
		f->busy--;
		if (r < 0 && f->r == 0) {
			*f->e = e;
			f->r = r;
		}
		(void)pthread_cond_broadcast(&f->changed);
	}
	(void)pthread_mutex_unlock(&f->lock);
	return NULL;
}

static int finish_closed(struct finish *f, const char *path, struct err *e)
{
	struct stat st;
	auto_fd fd = finish_open_dir(f->work, path, &st, e);

	return fd < 0 ? -1 : finish_dir(f, path, fd, &st, e);
}

static int finish_all(struct finish *f, struct err *e)
{
	pthread_t second;
	bool two;
	int r;

	strv_add_copy(&f->arena, &f->dirs, "");
	two = f->tables->stats.entries >= FINISH_MANY &&
	      thread_start(&second, NULL, finish_scan_dirs, f);
	(void)finish_scan_dirs(f);
	if (two)
		(void)pthread_join(second, NULL);
	r = f->r;
	for (size_t i = f->closed.n; i > 0 && r == 0; i--)
		r = finish_closed(f, f->closed.v[i - 1], e);
	return r;
}

/* Every directory with a record must have been found, unless something was replaced or removed. */
static int finish_check_applied(const struct tables *t, struct err *e)
{
	if (t->n_trash > 0)
		return 0;
	for (size_t i = 0; i < t->inodes.n; i++) {
		const struct inode_meta *m = inodes_at(&t->inodes, i, sizeof(*m));

		if (m->is_dir && !m->applied) {
			(void)err_set(e, 0,
				"the store's file system changes the inode numbers of directories");
			return err_hint(e, "put the store on another file system with --store");
		}
	}
	return 0;
}

static FILE *finish_new_file(const struct work *w, const char *name)
{
	auto_fd fd = path_open_beneath(w->dir, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (out)
		(void)fd_take(&fd);
	return out;
}

int finish_tree(const struct work *w, struct tables *t, struct err *e)
{
	const bool owned = t->stats.owners || t->stats.devices;
	auto_file owners = owned ? finish_new_file(w, "owners") : NULL;
	auto_file contents = w->request.record ? finish_new_file(w, "contents") : NULL;
	struct finish f = {
		.work = w, .tables = t, .owners = owners, .contents = contents, .e = e
	};
	int r;

	if ((owned && !owners) || (w->request.record && !contents))
		return err_set(e, errno, "write owners and contents");
	(void)pthread_mutex_init(&f.lock, NULL);
	(void)pthread_mutex_init(&f.writing, NULL);
	(void)pthread_cond_init(&f.changed, NULL);
	r = finish_all(&f, e);
	(void)pthread_cond_destroy(&f.changed);
	(void)pthread_mutex_destroy(&f.lock);
	(void)pthread_mutex_destroy(&f.writing);
	arena_done(&f.arena);
	if (r == 0)
		r = finish_check_applied(t, e);
	if (r == 0 && ((owners && fflush(owners) != 0) ||
			      (contents && (fflush(contents) != 0 || ferror(contents)))))
		return err_set(e, errno, "write owners and contents");
	return r;
}
