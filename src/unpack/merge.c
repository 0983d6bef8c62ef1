/*
 * merge: renames what a layer staged into the tree, directory by directory.
 * Writes below the tree's descriptor only.
 *
 * A directory in both keeps its children; if the layer has an entry for it, that sets new
 * attributes.  In any other pair the upper one replaces the lower.  A directory that the layer does
 * not list, but only has entries below, follows a symlink of the lower layers (lib -> usr/lib),
 * inside the root.
 */
#include "unpack/merge.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/names.h"
#include "util/xattr.h"

/* Paths of the directories to be merged, the same in both trees. */
struct merge_queue {
	struct arena arena;
	struct strv paths;
};

static bool merge_is_explicit(const struct tables *t, uint64_t ino)
{
	const struct inode_meta *m = tables_get(t, ino);

	return m && m->is_dir;
}

/* Keep the lower directory, with the attributes that the upper layer gives it. */
static int merge_attributes(struct tables *t, int from, int to, struct err *e)
{
	struct stat upper, lower;
	struct inode_meta keep, *m;

	if (fstat(from, &upper) < 0 || fstat(to, &lower) < 0)
		return err_set(e, errno, "merge: stat");
	if (!merge_is_explicit(t, upper.st_ino))
		return 0;
	keep = *tables_get(t, upper.st_ino);
	/* The staged one is removed with the stage, and its inode number may be reused. */
	*tables_get(t, upper.st_ino) = (struct inode_meta){ .ino = upper.st_ino };
	keep.ino = lower.st_ino;
	m = tables_put(t, lower.st_ino);
	*m = keep;
	return xattr_copy(from, to, e);
}

/* A staged directory meets something in the tree.  *ret_descend: merge the two. */
static int merge_dir(
	struct stage *s, int from, int to, const char *name, bool *ret_descend, struct err *e)
{
	struct stat lower, upper;

	*ret_descend = false;
	if (fstatat(to, name, &lower, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return -1;
	} else if (S_ISDIR(lower.st_mode)) {
		*ret_descend = true;
		return 0;
	} else {
		if (fstatat(from, name, &upper, AT_SYMLINK_NOFOLLOW) < 0)
			return -1;
		if (S_ISLNK(lower.st_mode) && !merge_is_explicit(s->tables, upper.st_ino)) {
			*ret_descend = true;
			return 0;
		}
		if (stage_trash(s, to, name, e) < 0)
			return -1;
	}
	return renameat(from, name, to, name);
}

static int merge_other(struct stage *s, int from, int to, const char *name, struct err *e)
{
	/* A recorded file must not free its inode number for another. */
	if ((s->tables->stats.owners || s->tables->stats.devices) &&
		stage_trash(s, to, name, e) < 0)
		return -1;
	if (renameat(from, name, to, name) == 0)
		return 0;
	if (errno != EISDIR && errno != ENOTEMPTY && errno != EEXIST)
		return -1;
	return stage_trash(s, to, name, e) < 0 ? -1 : renameat(from, name, to, name);
}

/*
 * Open a directory of the tree by its path, through symlinks of lower layers, inside the root.  A
 * symlink to something that is not a directory is replaced by one.
 */
static int merge_open_lower(struct stage *s, const char *path, struct err *e)
{
	const char *name;
	char parent[PATH_TEXT_MAX];
	size_t len = path_split(path, &name);
	int fd = path_mkdirs_in_root(s->work->rootfs, path, 0755);

	if (fd >= 0 || (errno != ENOTDIR && errno != ELOOP) || !name[0])
		return fd;
	memcpy(parent, path, len);
	parent[len] = '\0';
	auto_fd dir = path_open_in_root(s->work->rootfs, parent, O_PATH | O_DIRECTORY, 0);
	if (dir < 0 || stage_trash(s, dir, name, e) < 0)
		return -1;
	return path_mkdirs_in_root(s->work->rootfs, path, 0755);
}

static int merge_children(struct stage *s, struct merge_queue *q, const char *path, struct names *d,
	int to, struct err *e)
{
	const char *name;

	while ((name = names_next(d))) {
		bool descend = false;
		int r;

		e->msg[0] = '\0';
		r = names_is_dir(d, name) ? merge_dir(s, d->fd, to, name, &descend, e)
					  : merge_other(s, d->fd, to, name, e);
		if (r < 0)
			return e->msg[0] ? -1
					 : err_set(e, errno, "entry %s%s%s", path, *path ? "/" : "",
						   name);
		if (descend)
			strv_add(&q->arena, &q->paths,
				arena_printf(&q->arena, "%s%s%s", path, *path ? "/" : "", name));
	}
	return errno ? err_set(e, errno, "merge: read directory %s", path) : 0;
}

static int merge_one(struct stage *s, struct merge_queue *q, const char *path, struct err *e)
{
	auto_names d;

	if (names_take(&d, path_open_beneath(s->fd, path, O_RDONLY | O_DIRECTORY, 0)) < 0)
		return err_set(e, errno, "merge: open staged %s", path);
	auto_fd lower = merge_open_lower(s, path, e);
	if (lower < 0)
		return err_set(e, errno, "entry %s", *path ? path : "/");
	auto_fd to = openat(lower, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return err_set(e, errno, "entry %s", *path ? path : "/");
	if (merge_attributes(s->tables, d.fd, to, e) < 0)
		return -1;
	return merge_children(s, q, path, &d, to, e);
}

int merge_stage(struct stage *s, struct err *e)
{
	struct merge_queue q = { 0 };
	int r = 0;

	strv_add_copy(&q.arena, &q.paths, "");
	for (size_t i = 0; i < q.paths.n && r == 0; i++)
		r = merge_one(s, &q, q.paths.v[i], e);
	arena_done(&q.arena);
	return r;
}
