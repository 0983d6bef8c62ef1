/*
 * stage: the folder that one layer is unpacked into.
 * Writes below the unpack's work directory.
 */
#include "unpack/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "unpack/writer.h"
#include "util/fd.h"

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
	/* Too long is what only a symlink on the way can have made it. */
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENAMETOOLONG)
		return 0;
	return err_set(e, errno, "entry %s", path);
}

int stage_init(struct stage *s, struct unpack *u, struct err *e)
{
	const struct writer_owner owner = { s, file_made, file_make_way };

	*s = (struct stage){ .unpack = u, .fd = -1, .parent_fd = -1, .writer = writer_new(&owner) };
	(void)snprintf(s->name, sizeof(s->name), "layer%u", u->layer);
	if (mkdirat(u->work, s->name, 0755) < 0)
		return err_set(e, errno, "staging: mkdir %s", s->name);
	s->fd = path_open_beneath(u->work, s->name, O_RDONLY | O_DIRECTORY, 0);
	return s->fd < 0 ? err_set(e, errno, "staging: open %s", s->name) : 0;
}

int stage_remove(struct stage *s, struct err *e)
{
	fd_closep(&s->fd);
	s->fd = -1;
	return path_remove_tree(s->unpack->work, s->name) < 0
		       ? err_set(e, errno, "staging: remove %s", s->name)
		       : 0;
}

void stage_done(struct stage *s)
{
	writer_free(s->writer);
	s->writer = NULL;
	s->parent_fd = -1;
	if (s->fd >= 0)
		(void)path_remove_tree(
			s->unpack->work, s->name); /* a later clean-up takes what this leaves */
	fd_closep(&s->fd);
	s->fd = -1;
	free(s->markers);
	free(s->links);
	s->markers = NULL;
	s->links = NULL;
	arena_done(&s->arena);
}
