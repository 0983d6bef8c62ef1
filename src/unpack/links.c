/*
 * links: hard links whose target the layer does not hold, or holds only later.
 * Called by unpack/apply.c and unpack/layer.c.  Writes below the stage and the tree only.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/stage.h"
#include "util/fd.h"

void links_add(struct stage *s, const struct entry *n)
{
	if (s->n_links == s->room_links) {
		s->room_links = s->room_links ? 2 * s->room_links : 16;
		s->links = xrealloc(s->links, s->room_links * sizeof(*s->links));
	}
	s->links[s->n_links++] = (struct pending_link){
		.path = arena_strdup(&s->arena, n->path),
		.target = arena_strdup(&s->arena, n->link),
	};
}

/* Link target of tree `from` to path of tree `to`.  1: done, 0: no such target, -1 with e. */
static int try_link(struct stage *s, int from, int to, const struct pending_link *l, struct err *e)
{
	const char *target, *name = l->path;
	auto_fd source = stage_open_parent(from, l->target, &target);
	struct stat st;
	int dir;

	if (source < 0 || fstatat(source, target, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return err_set(e, 0, "entry %s: hard link to a directory: %s", l->path, l->target);
	if (to == s->fd) {
		dir = apply_parent(s, l->path, path_split(l->path, &name), e);
		if (dir < 0)
			return -1;
		/* An entry that came later in the tar has the name now: it wins. */
		if (linkat(source, target, dir, name, 0) < 0 && errno != EEXIST)
			return err_set(e, errno, "entry %s: hard link to %s", l->path, l->target);
		return 1;
	}
	auto_fd parent = stage_open_parent(to, l->path, &name);
	if (parent < 0)
		return err_set(e, errno, "entry %s: parent directory", l->path);
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && unpack_trash(s->unpack, parent, name, e) < 0)
		return -1;
	if (linkat(source, target, parent, name, 0) < 0)
		return err_set(e, errno, "entry %s: hard link to %s", l->path, l->target);
	return 1;
}

/* Try all that wait; keep those that have no target yet.  Links may lead to links, so it goes on while any succeeds. */
static int try_all(struct stage *s, int from, int to, struct err *e)
{
	size_t before;

	do {
		size_t kept = 0;

		before = s->n_links;
		for (size_t i = 0; i < before; i++) {
			int r = try_link(s, from, to, &s->links[i], e);

			if (r < 0)
				return -1;
			if (r == 0)
				s->links[kept++] = s->links[i];
		}
		s->n_links = kept;
	} while (s->n_links > 0 && s->n_links < before);
	return 0;
}

int links_within_stage(struct stage *s, struct err *e)
{
	return try_all(s, s->fd, s->fd, e);
}

int links_to_lower(struct stage *s, struct err *e)
{
	if (s->n_links > 0 && try_all(s, s->unpack->rootfs, s->fd, e) < 0)
		return -1;
	/* A link to a link that has just found its target. */
	return s->n_links > 0 ? try_all(s, s->fd, s->fd, e) : 0;
}

int links_in_tree(struct stage *s, struct err *e)
{
	if (s->n_links > 0 && try_all(s, s->unpack->rootfs, s->unpack->rootfs, e) < 0)
		return -1;
	return s->n_links > 0 ? err_set(e, 0, "entry %s: hard link to what is not there: %s", s->links[0].path,
					s->links[0].target)
			      : 0;
}
