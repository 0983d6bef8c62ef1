/*
 * folder: a source, or an image in the store, becomes a plain folder, for `sandbox unpack`.
 * Writes beside the folder that it makes, then makes it by one rename.
 */
#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/format.h"
#include "store/import.h"
#include "util/copy_tree.h"
#include "util/fd.h"
#include "util/path.h"

/* `sandbox unpack` works in a folder whose name begins so, beside the one that it makes. */
#define FOLDER_PREFIX ".sandbox"

/* Moving a directory changes its "..", so rename(2) needs write permission on it, which the image
 * may not give. */
static int folder_move(const struct staging *g, const char *name)
{
	auto_fd fd = -1;
	struct stat st;

	if (fstatat(g->dir, "rootfs", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!(st.st_mode & 0200)) {
		if (fchmodat(g->dir, "rootfs", 0700, 0) < 0)
			return -1;
		fd = path_open_beneath(g->dir, "rootfs", O_RDONLY | O_DIRECTORY, 0);
		if (fd < 0)
			return -1;
	}
	/* rename(2) replaces an empty directory, and nothing else. */
	if (renameat(g->dir, "rootfs", g->parent, name) < 0)
		return -1;
	return fd < 0 ? 0 : fchmod(fd, st.st_mode & 07777);
}

/* Open the directory above dir, a copy of which loses its last slashes.  *ret_name is its last
 * component. */
static int folder_parent(char *dir, const char **ret_name, struct err *e)
{
	const char *where;
	char *slash;
	int fd;

	while (strlen(dir) > 1 && dir[strlen(dir) - 1] == '/')
		dir[strlen(dir) - 1] = '\0';
	slash = strrchr(dir, '/');
	*ret_name = slash ? slash + 1 : dir;
	if (slash)
		*slash = '\0';
	where = !slash ? "." : slash == dir ? "/" : dir;
	fd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_set(e, errno, "%s", where) : fd;
}

static int folder_unpack_beside(struct import *m, int parent, const char *name, struct err *e)
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
	return folder_move(&m->staging, name) < 0 ? err_set(e, errno, "%s", name) : 0;
}

int folder_unpack(const struct import_request *rq, const char *dir, struct unpack_stats *ret_stats,
	struct err *e)
{
	auto_free char *copy = xstrdup(dir);
	const char *name;
	auto_fd parent = folder_parent(copy, &name, e);
	struct source o;
	struct import m;
	int r;

	if (parent < 0)
		return -1;
	r = source_open(&o, rq, e);
	import_init(&m, rq, &o);
	if (r == 0)
		r = folder_unpack_beside(&m, parent, name, e);
	*ret_stats = m.unpack.tables.stats;
	import_done(&m);
	source_done(&o);
	return r;
}

int folder_copy(const struct stored_image *i, const char *dir, struct err *e)
{
	auto_free char *copy = xstrdup(dir);
	const char *name;
	auto_fd parent = folder_parent(copy, &name, e), to = -1;
	struct staging g = { .dir = -1, .lock = -1 };
	int r = -1;

	if (parent < 0)
		return -1;
	staging_sweep(parent, FOLDER_PREFIX);
	if (staging_new(&g, parent, FOLDER_PREFIX, e) == 0) {
		if (mkdirat(g.dir, "rootfs", 0700) == 0)
			to = path_open_beneath(g.dir, "rootfs", O_RDONLY | O_DIRECTORY, 0);
		r = to < 0 ? err_set(e, errno, "%s", dir) : copy_tree(i->rootfs, to, 0, NULL, e);
		if (r == 0 && folder_move(&g, name) < 0)
			r = err_set(e, errno, "%s", dir);
	}
	staging_done(&g);
	return r;
}

int folder_of_tar(const struct import_request *rq, int parent,
	int (*fn)(int dir, void *arg, struct err *e), void *arg, struct err *e)
{
	struct source o;
	struct import m;
	int r = source_open(&o, rq, e);

	import_init(&m, rq, &o);
	staging_sweep_few(parent, "");
	if (r == 0)
		r = staging_new(&m.staging, parent, "tar", e);
	if (r == 0)
		r = source_index(&o, rq, parent, &m.staging, e);
	if (r == 0) {
		image_take_tar(&m.image);
		r = import_tree(&m, e);
	}
	if (r == 0)
		r = fn(m.staging.dir, arg, e);
	import_done(&m);
	source_done(&o);
	return r;
}
