/*
 * stage: the folder that one layer is unpacked into, and what all files of this room do there.
 * Writes below the work directory.
 */
#include "unpack/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/reserve.h"
#include "unpack/writer.h"
#include "util/fd.h"

int stage_init(struct stage *s, const struct work *w, struct tables *tables, struct err *e)
{
	*s = (struct stage){ .work = w, .tables = tables, .fd = -1, .parent_fd = -1 };
	(void)snprintf(s->name, sizeof(s->name), "layer%u", tables->layer);
	if (mkdirat(w->dir, s->name, 0755) < 0)
		return err_set(e, errno, "staging: mkdir %s", s->name);
	s->fd = path_open_beneath(w->dir, s->name, O_RDONLY | O_DIRECTORY, 0);
	return s->fd < 0 ? err_set(e, errno, "staging: open %s", s->name) : 0;
}

int stage_remove(struct stage *s, struct err *e)
{
	fd_closep(&s->fd);
	s->fd = -1;
	return path_remove_tree(s->work->dir, s->name) < 0
		       ? err_set(e, errno, "staging: remove %s", s->name)
		       : 0;
}

void stage_done(struct stage *s)
{
	writer_free(s->writer);
	s->writer = NULL;
	s->parent_fd = -1;
	/* A later clean-up of the store removes what this leaves. */
	if (s->fd >= 0)
		(void)path_remove_tree(s->work->dir, s->name);
	fd_closep(&s->fd);
	s->fd = -1;
	free(s->markers);
	free(s->links);
	s->markers = NULL;
	s->links = NULL;
	arena_done(&s->arena);
}

int stage_open_parent(int root, const char *path, const char **ret_name)
{
	char parent[PATH_TEXT_MAX];
	size_t len = path_split(path, ret_name);

	memcpy(parent, path, len);
	parent[len] = '\0';
	return path_open_in_root(root, parent, O_PATH | O_DIRECTORY, 0);
}

int stage_absent(const char *path, struct err *e)
{
	/* Only a symlink on the way can make it too long. */
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG)
		return 0;
	return err_set(e, errno, "entry %s", path);
}

int stage_trash(struct stage *s, int dirfd, const char *name, struct err *e)
{
	struct tables *t = s->tables;
	char to[32];
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "stat %s", name);
	/*
	 * Only the inode numbers of directories and recorded files matter: other files can be
	 * removed at once, which frees their space.
	 */
	if (!S_ISDIR(st.st_mode) && !tables_get(t, st.st_ino)) {
		if (st.st_nlink == 1)
			contents_drop(&t->contents, st.st_ino);
		return unlinkat(dirfd, name, 0) < 0 ? err_set(e, errno, "remove %s", name) : 0;
	}
	(void)snprintf(to, sizeof(to), "%u.%u", t->layer, t->n_trash++);
	return renameat(dirfd, name, s->work->trash, to) < 0 ? err_set(e, errno, "remove %s", name)
							     : 0;
}

int stage_clear(struct stage *s, int dirfd, const char *name, const char *path, struct err *e)
{
	s->parent[0] = '/'; /* no parent has this name */
	s->parent[1] = '\0';
	return stage_trash(s, dirfd, name, e) < 0 ? err_wrap(e, "entry %s", path) : 0;
}

int stage_create(struct stage *s, int dirfd, const struct entry *n, mode_t mode, struct err *e)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd;

	while ((fd = openat(dirfd, n->name, flags, mode)) < 0)
		if (errno != EEXIST || stage_clear(s, dirfd, n->name, n->path, e) < 0)
			return entry_error(e, n, errno);
	return fd;
}

int stage_count_room(struct stage *s, uint64_t n, struct err *e)
{
	struct tables *t = s->tables;

	t->written += n;
	return reserve_check(
		s->work->rootfs, s->work->request.limits.reserve, t->written, &t->checked, e);
}

int stage_count_bytes(struct stage *s, uint64_t n, struct err *e)
{
	if (work_count_bytes(s->work, n, e) < 0)
		return -1;
	s->tables->stats.bytes += n;
	return stage_count_room(s, n, e);
}
