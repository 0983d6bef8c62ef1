/*
 * links: hard links whose target the layer does not hold, or holds only later.
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

/* Links to links that come later in the layer: each level is one more pass over all that wait. */
#define HARDLINKS_NESTING_MAX 32

void hardlinks_add(struct stage *s, const char *path, const char *target, uint64_t ino)
{
	if (s->n_links == s->room_links) {
		s->room_links = s->room_links ? 2 * s->room_links : 16;
		s->links = xrealloc(s->links, s->room_links * sizeof(*s->links));
	}
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
 * Where the link is to be, if the file in its place is still there: 1 with the directory in
 * *ret_dir. 0: a later entry has the name, and wins.  -1 with e.
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

/* Link target of the tree `from` to the link's place in the stage.  1: done, or not wanted any
 * more; 0: no such target. */
static int hardlinks_make(struct stage *s, int from, const struct pending_link *l, struct err *e)
{
	static const char temporary[] = "link"; /* trash/ has numbers only */
	const char *target, *name;
	struct stat st;
	auto_fd source = stage_open_parent(from, l->target, &target);

	if (source < 0 || fstatat(source, target, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return stage_absent(l->path, e);
	if (hardlinks_is_waiting(s, st.st_ino))
		return 0;
	auto_fd place = -1;
	int r = hardlinks_open_place(s, l, &place, &name, e);
	if (r <= 0)
		return r < 0 ? -1 : 1;
	if (S_ISDIR(st.st_mode))
		return err_set(e, 0, "entry %s: hard link to a directory: %s", l->path, l->target);
	if (linkat(source, target, s->work->trash, temporary, 0) < 0 ||
		renameat(s->work->trash, temporary, place, name) < 0)
		return hardlinks_error(l, e);
	return 1;
}

/* Returns 1 where any of those that wait found a target, 0 where none did, -1 with e. */
static int hardlinks_try_all(struct stage *s, int from, struct err *e)
{
	int found = 0;

	for (size_t i = 0; i < s->n_links; i++) {
		int r = s->links[i].done ? 0 : hardlinks_make(s, from, &s->links[i], e);

		if (r < 0)
			return -1;
		s->links[i].done |= r;
		found |= r;
	}
	return found;
}

/* No file may stay in place of a link, nor a record of it: its inode number is free for another
 * then. */
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
	int found = hardlinks_try_all(s, s->work->rootfs, e);

	if (found < 0)
		return -1;
	/* A link may lead to a link that has only now found its target. */
	for (int n = 0; n < HARDLINKS_NESTING_MAX && (found = hardlinks_try_all(s, s->fd, e)) > 0;
		n++)
		continue;
	return found < 0 ? -1 : hardlinks_clear_places(s, e);
}

/* A link that found no target before the merge. */
static int hardlinks_make_in_tree(struct stage *s, const struct pending_link *l, struct err *e)
{
	int root = s->work->rootfs;
	const char *target, *name;
	struct stat st;
	auto_fd source = stage_open_parent(root, l->target, &target);

	if (source < 0 || fstatat(source, target, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return stage_absent(l->path, e);
	if (S_ISDIR(st.st_mode))
		return err_set(e, 0, "entry %s: hard link to a directory: %s", l->path, l->target);
	auto_fd parent = stage_open_parent(root, l->path, &name);
	if (parent < 0)
		return err_set(e, errno, "entry %s: parent directory", l->path);
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		stage_trash(s, parent, name, e) < 0)
		return -1;
	return linkat(source, target, parent, name, 0) < 0 ? hardlinks_error(l, e) : 1;
}

int hardlinks_in_tree(struct stage *s, struct err *e)
{
	const struct pending_link *left;
	bool more;
	int n = 0;

	do {
		more = false;
		left = NULL;
		for (size_t i = 0; i < s->n_links; i++) {
			struct pending_link *l = &s->links[i];
			int r = l->done ? 0 : hardlinks_make_in_tree(s, l, e);

			if (r < 0)
				return -1;
			more |= r > 0;
			l->done |= r > 0;
			left = l->done ? left : l;
		}
	} while (more && left && ++n < HARDLINKS_NESTING_MAX);
	if (more && left)
		return err_set(e, 0, "entry %s: hard links to hard links over %d deep", left->path,
			HARDLINKS_NESTING_MAX);
	return left ? err_set(e, 0, "entry %s: hard link to what is not there: %s", left->path,
			      left->target)
		    : 0;
}
