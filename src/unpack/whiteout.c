/*
 * whiteout: markers of a layer, carried out on what the layers below left.
 * Called by unpack/apply.c and unpack/layer.c.  Moves things out of the tree; writes nothing else.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/stage.h"
#include "util/fd.h"

void whiteout_add(struct stage *s, const struct entry *n)
{
	size_t dir_len = n->kind == ENTRY_OPAQUE ? strlen(n->path) : n->parent_len;

	if (s->n_markers == s->room_markers) {
		s->room_markers = s->room_markers ? 2 * s->room_markers : 16;
		s->markers = xrealloc(s->markers, s->room_markers * sizeof(*s->markers));
	}
	s->markers[s->n_markers++] = (struct marker){
		.dir = arena_strndup(&s->arena, n->path, dir_len),
		.name = n->kind == ENTRY_OPAQUE ? NULL : arena_strdup(&s->arena, n->name),
	};
}

/* All that is in the directory goes; names are read first, since the directory changes under the reader. */
static int empty_dir(struct stage *s, int dirfd, struct err *e)
{
	struct arena names = {0};
	struct strv list = {0};
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d)
		return err_set(e, errno, "opaque whiteout: open");
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strv_add_copy(&names, &list, entry->d_name);
	for (size_t i = 0; i < list.n && r == 0; i++)
		r = unpack_trash(s->unpack, dirfd, list.v[i], e);
	arena_done(&names);
	return r;
}

int whiteout_apply(struct stage *s, struct err *e)
{
	for (size_t i = 0; i < s->n_markers; i++) {
		const struct marker *m = &s->markers[i];
		struct stat st;
		auto_fd dir = path_open_in_root(s->unpack->rootfs, m->dir, O_PATH | O_DIRECTORY, 0);

		/* Nothing to hide is no error: layers are built apart from each other. */
		if (dir < 0)
			continue;
		if (!m->name) {
			if (empty_dir(s, dir, e) < 0)
				return err_wrap(e, "entry %s", m->dir);
			continue;
		}
		if (fstatat(dir, m->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			unpack_trash(s->unpack, dir, m->name, e) < 0)
			return err_wrap(e, "entry %s/.wh.%s", m->dir, m->name);
	}
	return 0;
}
