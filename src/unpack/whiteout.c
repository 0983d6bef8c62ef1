/*
 * whiteout: applies the whiteouts of a layer to the layers below.
 * Moves things out of the tree; writes nothing else.
 */
#include "unpack/whiteout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/names.h"

/* name is NULL for everything in the directory. */
static void whiteout_note(struct stage *s, const char *path, size_t dir_len, const char *name)
{
	s->markers = xgrow(s->markers, s->n_markers, sizeof(*s->markers));
	s->markers[s->n_markers++] = (struct marker){
		.dir = arena_strndup(&s->arena, path, dir_len),
		.name = name ? arena_strdup(&s->arena, name) : NULL,
	};
}

void whiteout_add(struct stage *s, const struct entry *n)
{
	if (n->kind == ENTRY_OPAQUE)
		whiteout_note(s, n->path, strlen(n->path), NULL);
	else
		whiteout_note(s, n->path, n->parent_len, n->name);
}

void whiteout_hide(struct stage *s, const char *path)
{
	const char *name;
	size_t len = path_split(path, &name);

	whiteout_note(s, path, len, name);
}

/* Does the layer list path?  1, 0, or -1 with e. */
static int whiteout_is_listed(const struct stage *s, const char *path, struct err *e)
{
	const struct inode_meta *m;
	const char *name;
	struct stat st;
	auto_fd dir = stage_open_parent(s->fd, path, &name);

	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return stage_absent(path, e);
	m = tables_get(s->tables, st.st_ino);
	return !S_ISDIR(st.st_mode) || (m && m->is_dir);
}

/*
 * Does the way to dir lead through a symlink of the lower layers that this layer replaces?
 * Overlays mark every new directory as opaque, also one that replaces a symlink from /var/run to
 * /run.  Such a marker means the contents of /var/run, which goes anyway, and not those of /run.
 * 1, 0, or -1 with e.
 */
static int whiteout_is_replaced(const struct stage *s, const char *dir, struct err *e)
{
	auto_fd straight =
		path_open_beneath(s->work->rootfs, *dir ? dir : ".", O_PATH | O_DIRECTORY, 0);
	char part[PATH_TEXT_MAX];

	if (straight >= 0 || stage_absent(dir, e) < 0)
		return straight >= 0 ? 0 : -1;
	for (size_t len = strcspn(dir, "/"); len > 0;
		len += dir[len] ? 1 + strcspn(dir + len + 1, "/") : 0) {
		const char *name;
		struct stat st;
		int r;

		memcpy(part, dir, len);
		part[len] = '\0';
		auto_fd parent = stage_open_parent(s->work->rootfs, part, &name);
		if (parent < 0 || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return stage_absent(part, e);
		r = S_ISLNK(st.st_mode) ? whiteout_is_listed(s, part, e) : 0;
		if (r != 0)
			return r;
		if (!dir[len])
			break;
	}
	return 0;
}

/*
 * Remove everything in the directory.  The names are read first, since the directory changes
 * meanwhile.
 */
static int whiteout_empty_dir(struct stage *s, int dirfd, struct err *e)
{
	struct arena names = { 0 };
	struct strv list = { 0 };
	const char *name;
	auto_names d;
	int r = 0;

	if (names_open(&d, dirfd) < 0)
		return err_set(e, errno, "opaque whiteout: open");
	while ((name = names_next(&d)))
		strv_add_copy(&names, &list, name);
	if (errno)
		r = err_set(e, errno, "opaque whiteout: read directory");
	for (size_t i = 0; i < list.n && r == 0; i++)
		r = stage_trash(s, dirfd, list.v[i], e);
	arena_done(&names);
	return r;
}

static int whiteout_apply_one(struct stage *s, const struct marker *m, struct err *e)
{
	int r = whiteout_is_replaced(s, m->dir, e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	auto_fd dir = path_open_in_root(s->work->rootfs, m->dir, O_PATH | O_DIRECTORY, 0);
	/* It is no error if there is nothing to hide: layers are built independently. */
	if (dir < 0)
		return stage_absent(m->dir, e);
	if (!m->name)
		return whiteout_empty_dir(s, dir, e) < 0 ? err_wrap(e, "entry %s", m->dir) : 0;
	return stage_trash(s, dir, m->name, e) < 0 ? err_wrap(e, "entry %s/.wh.%s", m->dir, m->name)
						   : 0;
}

int whiteout_apply(struct stage *s, struct err *e)
{
	for (size_t i = 0; i < s->n_markers; i++)
		if (whiteout_apply_one(s, &s->markers[i], e) < 0)
			return -1;
	return 0;
}
