/*
 * folder: a source, or an image in the store, becomes a plain folder, for `sandbox unpack`.
 * Writes beside the folder that it makes, then makes it by one rename; or, where that cannot be, in
 * it, and moves what it wrote.
 */
#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/format.h"
#include "store/import.h"
#include "store/worker.h"
#include "util/copy_tree.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"
#include "util/xattr.h"

/* `sandbox unpack` works in a folder whose name begins so, beside the one that it makes. */
#define FOLDER_PREFIX ".sandbox"

/* Moving a directory changes its "..", so rename(2) needs write permission on it, which the image
 * may not give. */
static int folder_rename(int from, const char *name, int to, const char *new)
{
	auto_fd fd = -1;
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (S_ISDIR(st.st_mode) && !(st.st_mode & 0200)) {
		if (fchmodat(from, name, 0700, 0) < 0)
			return -1;
		fd = path_open_beneath(from, name, O_RDONLY | O_DIRECTORY, 0);
		if (fd < 0)
			return -1;
	}
	/* rename(2) replaces an empty directory, and nothing else. */
	if (renameat(from, name, to, new) < 0)
		return -1;
	return fd < 0 ? 0 : fchmod(fd, st.st_mode & 07777);
}

/* Is there nothing but the name staged? */
static int folder_check_empty(int dir, const char *staged)
{
	const char *name;
	auto_names d;

	(void)names_open(&d, dir);
	while ((name = names_next(&d)))
		if (strcmp(name, staged) != 0)
			return err_errno(ENOTEMPTY);
	return errno ? -1 : 0;
}

/* Move what is in the tree to where it was staged, and make that directory like the tree's. */
static int folder_fill(struct staging *g)
{
	auto_fd tree = path_open_beneath(g->dir, "rootfs", O_RDONLY | O_DIRECTORY, 0);
	struct err ignored;
	const char *name;
	struct stat st;
	auto_names d;

	if (tree < 0 || fstat(tree, &st) < 0 || fchmod(tree, 0700) < 0 ||
		folder_check_empty(g->parent, g->name) < 0)
		return -1;
	(void)names_open(&d, tree);
	while ((name = names_next(&d)))
		if (folder_rename(tree, name, g->parent, name) < 0)
			return -1;
	if (errno)
		return -1;
	staging_done(g);
	(void)xattr_copy(tree, g->parent, &ignored);
	/* It may be another user's, such as the root of a mounted disk. */
	const struct timespec times[2] = { st.st_atim, st.st_mtim };
	return (fchmod(g->parent, st.st_mode & 07777) < 0 || futimens(g->parent, times) < 0) &&
			       errno != EPERM
		       ? -1
		       : 0;
}

static int folder_move(struct staging *g, const char *name)
{
	return *name ? folder_rename(g->dir, "rootfs", g->parent, name) : folder_fill(g);
}

static bool folder_is(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

/* A malloc'd copy of dir without its last slashes; if it is a link, what that leads to. */
static char *folder_path(const char *dir, struct err *e)
{
	char *copy, *real, first;

	if (!*dir) {
		(void)err_set(e, ENOENT, "the name of the directory is empty");
		return NULL;
	}
	copy = xstrdup(dir);
	while (strlen(copy) > 1 && copy[strlen(copy) - 1] == '/')
		copy[strlen(copy) - 1] = '\0';
	if (readlink(copy, &first, 1) < 0)
		return copy;
	real = realpath(copy, NULL);
	if (!real)
		(void)err_set(e, errno, "%s: what the link leads to", dir);
	free(copy);
	return real;
}

/*
 * Open the directory above path, which folder_path made of given and which is cut.  *ret_name is its
 * last component; or "", and the directory is path itself, where nothing can be renamed to it: it is
 * the working directory or one above, a mount point, or the one above cannot be written to.
 */
static int folder_parent(const char *given, char *path, const char **ret_name, struct err *e)
{
	char *slash = strrchr(path, '/');
	const char *where = !slash ? "." : slash == path ? "/" : path;
	struct stat above, st;

	*ret_name = slash ? slash + 1 : path;
	if (slash)
		*slash = '\0';
	auto_fd parent = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0 || fstat(parent, &above) < 0)
		return err_set(e, errno, "%s", where);
	auto_fd self = openat(parent, *ret_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const bool there = self >= 0 && fstat(self, &st) == 0;
	if (!there && errno == ENOTDIR)
		return err_set(e, errno, "%s", given);
	const bool above_ok = faccessat(parent, ".", W_OK, 0) == 0;
	if (there ? faccessat(self, ".", W_OK, 0) < 0 : !above_ok)
		return err_set(e, errno, "%s", given);
	if (there)
		staging_sweep(self, FOLDER_PREFIX);
	if (there && folder_check_empty(self, "") < 0)
		return err_set(e, errno, "%s", given);
	if (!there || (above_ok && st.st_dev == above.st_dev && !folder_is(self, ".") &&
			      (*ret_name)[strspn(*ret_name, ".")]))
		return fd_take(&parent);
	*ret_name = "";
	return fd_take(&self);
}

static int folder_unpack_at(
	struct import *m, int parent, const char *name, const char *dir, struct err *e)
{
	struct image_choice choice = m->rq->choice;

	choice.any_tar = true;
	staging_sweep(parent, FOLDER_PREFIX);
	if (staging_new(&m->staging, parent, FOLDER_PREFIX, e) < 0)
		return -1;
	if (source_index(m->source, m->rq, parent, &m->staging, e) < 0 ||
		format_load(&m->image, &m->source->container, &choice, e) < 0)
		return -1;
	if (import_tree(m, e) < 0)
		return err_wrap(e, "%s", m->source->what);
	return folder_move(&m->staging, name) < 0 ? err_set(e, errno, "%s", dir) : 0;
}

/* What a worker gets. */
struct folder_work {
	const struct import_request *rq; /* NULL: image is copied */
	const struct stored_image *image;
	int parent; /* folder_parent's */
	const char *name, *dir;
	int (*fn)(int dir, void *arg, struct err *e); /* folder_of_tar's */
	void *arg;
};

static int folder_unpack_work(void *arg, struct worker_answer *a, struct err *e)
{
	const struct folder_work *w = arg;
	struct source o;
	struct import m;
	int r = source_open(&o, w->rq, e);

	import_init(&m, w->rq, &o);
	if (r == 0)
		r = folder_unpack_at(&m, w->parent, w->name, w->dir, e);
	a->stats = m.unpack.tables.stats;
	import_done(&m);
	source_done(&o);
	return r;
}

static int folder_run(struct folder_work *w,
	int (*fn)(void *arg, struct worker_answer *a, struct err *e), const char *prefix,
	struct unpack_stats *ret_stats, struct err *e)
{
	const struct worker work = { .fn = fn,
		.arg = w,
		.parent = w->parent,
		.prefix = prefix,
		.stop = w->rq ? w->rq->stop : NULL };
	struct worker_answer a;
	int r = worker_run(&work, &a, e);

	if (ret_stats)
		*ret_stats = a.stats;
	return r;
}

int folder_unpack(const struct import_request *rq, const char *dir, struct unpack_stats *ret_stats,
	struct err *e)
{
	auto_free char *path = folder_path(dir, e);
	struct folder_work w = { .rq = rq, .dir = dir };
	auto_fd parent = path ? folder_parent(dir, path, &w.name, e) : -1;

	w.parent = parent;
	return parent < 0 ? -1 : folder_run(&w, folder_unpack_work, FOLDER_PREFIX, ret_stats, e);
}

static int folder_copy_work(void *arg, struct worker_answer *a, struct err *e)
{
	const struct folder_work *w = arg;
	struct staging g = { .dir = -1, .lock = -1 };
	auto_fd to = -1;
	int r = -1;

	(void)a;
	staging_sweep(w->parent, FOLDER_PREFIX);
	if (staging_new(&g, w->parent, FOLDER_PREFIX, e) == 0) {
		if (mkdirat(g.dir, "rootfs", 0700) == 0)
			to = path_open_beneath(g.dir, "rootfs", O_RDONLY | O_DIRECTORY, 0);
		r = to < 0 ? err_set(e, errno, "%s", w->dir)
			   : copy_tree(w->image->rootfs, to, 0, NULL, e);
		if (r == 0 && folder_move(&g, w->name) < 0)
			r = err_set(e, errno, "%s", w->dir);
	}
	staging_done(&g);
	return r;
}

int folder_copy(const struct stored_image *i, const char *dir, void (*as_root)(void), struct err *e)
{
	auto_free char *path = folder_path(dir, e);
	struct folder_work w = { .image = i, .dir = dir };
	auto_fd parent = path ? folder_parent(dir, path, &w.name, e) : -1;

	if (parent < 0)
		return -1;
	w.parent = parent;
	as_root();
	return folder_run(&w, folder_copy_work, FOLDER_PREFIX, NULL, e);
}

static int folder_tar_work(void *arg, struct worker_answer *a, struct err *e)
{
	const struct folder_work *w = arg;
	struct source o;
	struct import m;
	int r = source_open(&o, w->rq, e);

	(void)a;
	import_init(&m, w->rq, &o);
	staging_sweep_few(w->parent, "");
	if (r == 0)
		r = staging_new(&m.staging, w->parent, "tar", e);
	if (r == 0)
		r = source_index(&o, w->rq, w->parent, &m.staging, e);
	if (r == 0) {
		image_take_tar(&m.image);
		r = import_tree(&m, e);
	}
	if (r == 0)
		r = w->fn(m.staging.dir, w->arg, e);
	import_done(&m);
	source_done(&o);
	return r;
}

int folder_of_tar(const struct import_request *rq, int parent,
	int (*fn)(int dir, void *arg, struct err *e), void *arg, struct err *e)
{
	struct folder_work w = { .rq = rq, .parent = parent, .fn = fn, .arg = arg };

	return folder_run(&w, folder_tar_work, "", NULL, e);
}
