/*
 * hardlinks: hard links whose target the layer does not have, or has only later.
 * Writes below the stage and the tree only.
 */
#include "unpack/hardlinks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"

/*
 * Links to links that come later in the layer: each level takes one more pass over all waiting
 * links.
 */
#define HARDLINKS_NESTING_MAX 32

void hardlinks_add(struct stage *s, const char *path, const char *target, uint64_t ino)
{
	s->links = xgrow(s->links, s->n_links, sizeof(*s->links));
	s->links[s->n_links++] = (struct pending_link){
		.path = arena_strdup(&s->arena, path),
		.target = arena_strdup(&s->arena, target),
		.ino = ino,
	};
	tables_put(s->tables, ino)->waiting = s->n_links;
}

static bool hardlinks_is_waiting(const struct stage *s, uint64_t ino)
{
	const struct inode_meta *m = tables_get(s->tables, ino);

	return m && m->waiting;
}

/*
 * Open the directory that the link belongs in, if its placeholder is still there: 1 with *ret_dir.
 * 0: a later entry has taken the name.  -1 with e.
 */
static int hardlinks_open_place(struct stage *s, const struct pending_link *l, int *ret_dir,
	const char **ret_name, struct err *e)
{
	struct stat st;
	auto_fd dir = stage_open_parent(s->fd, l->path, ret_name);

	if (dir < 0 || fstatat(dir, *ret_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return stage_absent(l->path, e);
	if (st.st_ino != l->ino)
		return 0;
	*ret_dir = fd_take(&dir);
	return 1;
}

static int hardlinks_error(const struct pending_link *l, struct err *e)
{
	return err_set(e, errno, "entry %s: hard link to %s", l->path, l->target);
}

/*
 * Open the directory of the target in the tree `from`: 1 with *ret_dir, and the target's status in
 * *st.  0: there is no target.  -1 with e.
 */
static int hardlinks_open_target(const struct pending_link *l, int from, int *ret_dir,
	const char **ret_name, struct stat *st, struct err *e)
{
	auto_fd dir = stage_open_parent(from, l->target, ret_name);

	if (dir < 0 || fstatat(dir, *ret_name, st, AT_SYMLINK_NOFOLLOW) < 0)
		return stage_absent(l->path, e);
	if (S_ISDIR(st->st_mode))
		return err_set(e, 0, "entry %s: hard link to a directory: %s", l->path, l->target);
	*ret_dir = fd_take(&dir);
	return 1;
}

/*
 * Link the target, from the tree `from`, in place of the placeholder.  1: done, or the name is
 * taken; 0: there is no target; -1 with e.
 */
static int hardlinks_make(struct stage *s, int from, const struct pending_link *l, struct err *e)
{
	static const char temporary[] = "link"; /* trash/ has only numbers */
	const char *target, *name;
	struct stat st;
	auto_fd source = -1;
	auto_fd place = -1;
	int r = hardlinks_open_place(s, l, &place, &name, e);

	if (r <= 0)
		return r < 0 ? -1 : 1;
	r = hardlinks_open_target(l, from, &source, &target, &st, e);
	if (r <= 0 || hardlinks_is_waiting(s, st.st_ino))
		return r < 0 ? -1 : 0;
	if (linkat(source, target, s->work->trash, temporary, 0) < 0 ||
		renameat(s->work->trash, temporary, place, name) < 0)
		return hardlinks_error(l, e);
	return 1;
}

/* Make the link in the merged tree, likewise. */
static int hardlinks_make_in_tree(
	struct stage *s, int root, const struct pending_link *l, struct err *e)
{
	const char *target, *name;
	struct stat st;
	auto_fd source = -1;
	int found = hardlinks_open_target(l, root, &source, &target, &st, e);

	if (found <= 0)
		return found;
	auto_fd parent = stage_open_parent(root, l->path, &name);
	if (parent < 0)
		return err_set(e, errno, "entry %s: parent directory", l->path);
	if (stage_trash(s, parent, name, e) < 0)
		return -1;
	return linkat(source, target, parent, name, 0) < 0 ? hardlinks_error(l, e) : 1;
}

/*
 * Try all waiting links, up to `times` times, since a link may lead to a link that has just found
 * its target.  Returns 1 if the last pass still found targets, 0 if not, -1 with e.
 */
static int hardlinks_try_all(struct stage *s, int from, int times,
	int (*make)(struct stage *, int, const struct pending_link *, struct err *), struct err *e)
{
	bool found = true;

	while (found && times-- > 0) {
		found = false;
		for (size_t i = 0; i < s->n_links; i++) {
			struct pending_link *l = &s->links[i];
			int r = l->done ? 0 : make(s, from, l, e);

			if (r < 0)
				return -1;
			l->done |= r;
			found |= r;
		}
	}
	return found;
}

/* Remove the placeholders that are left, and forget all: their inode numbers may be reused. */
static int hardlinks_clear_places(struct stage *s, struct err *e)
{
	for (size_t i = 0; i < s->n_links; i++) {
		struct pending_link *l = &s->links[i];
		const char *name;

		if (!l->done) {
			auto_fd place = -1;
			int r = hardlinks_open_place(s, l, &place, &name, e);

			if (r < 0)
				return -1;
			if (r > 0 && unlinkat(place, name, 0) < 0)
				return hardlinks_error(l, e);
			l->done = r == 0;
		}
		tables_get(s->tables, l->ino)->waiting = 0;
	}
	return 0;
}

int hardlinks_resolve(struct stage *s, struct err *e)
{
	if (hardlinks_try_all(s, s->work->rootfs, 1, hardlinks_make, e) < 0 ||
		hardlinks_try_all(s, s->fd, HARDLINKS_NESTING_MAX, hardlinks_make, e) < 0)
		return -1;
	return hardlinks_clear_places(s, e);
}

int hardlinks_in_tree(struct stage *s, struct err *e)
{
	int found = hardlinks_try_all(
		s, s->work->rootfs, HARDLINKS_NESTING_MAX, hardlinks_make_in_tree, e);

	for (size_t i = 0; i < s->n_links && found >= 0; i++) {
		const struct pending_link *l = &s->links[i];

		if (l->done)
			continue;
		if (found > 0)
			return err_set(e, 0, "entry %s: over %d hard links to hard links", l->path,
				HARDLINKS_NESTING_MAX);
		return err_set(
			e, 0, "entry %s: hard link to a missing file: %s", l->path, l->target);
	}
	return found < 0 ? -1 : 0;
}
