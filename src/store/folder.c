/*
 * folder: a source becomes a plain folder, for `sandbox unpack`.
 * Writes beside the folder that it makes, then makes it by one rename.
 */
#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/format.h"
#include "store/import.h"
#include "util/fd.h"
#include "util/path.h"

/* `sandbox unpack` works in a folder whose name begins so, beside the one that it makes. */
#define FOLDER_PREFIX ".sandbox"

/* Moving a directory changes its "..", so rename(2) needs write permission on it, which the image
 * may not give. */
static int folder_move(struct import *m, int parent, const char *name)
{
	auto_fd fd = -1;
	struct stat st;

	if (fstatat(m->staging.dir, "rootfs", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!(st.st_mode & 0200)) {
		if (fchmodat(m->staging.dir, "rootfs", 0700, 0) < 0)
			return -1;
		fd = path_open_beneath(m->staging.dir, "rootfs", O_RDONLY | O_DIRECTORY, 0);
		if (fd < 0)
			return -1;
	}
	/* rename(2) replaces an empty directory, and nothing else. */
	if (renameat(m->staging.dir, "rootfs", parent, name) < 0)
		return -1;
	return fd < 0 ? 0 : fchmod(fd, st.st_mode & 07777);
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
	return folder_move(m, parent, name) < 0 ? err_set(e, errno, "%s", name) : 0;
}

int folder_unpack(const struct import_request *rq, const char *dir, struct unpack_stats *ret_stats,
	struct err *e)
{
	auto_free char *copy = xstrdup(dir);
	char *slash, parent_path[PATH_MAX] = ".";
	struct source o;
	struct import m;
	int r;

	while (strlen(copy) > 1 && copy[strlen(copy) - 1] == '/')
		copy[strlen(copy) - 1] = '\0';
	slash = strrchr(copy, '/');
	if (slash)
		(void)snprintf(parent_path, sizeof(parent_path), "%.*s",
			slash == copy ? 1 : (int)(slash - copy), copy);
	auto_fd parent = open(parent_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return err_set(e, errno, "%s", parent_path);
	r = source_open(&o, rq, e);
	import_init(&m, rq, &o);
	if (r == 0)
		r = folder_unpack_beside(&m, parent, slash ? slash + 1 : copy, e);
	*ret_stats = m.unpack.tables.stats;
	import_done(&m);
	source_done(&o);
	return r;
}
