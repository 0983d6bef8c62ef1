/*
 * mnt_tree: what is mounted below a mount.
 * Reads /proc/self/mountinfo; opens mount points below the descriptor it is given.
 */
#include "kernel/mnt_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "util/err.h"
#include "util/fd.h"
#include "util/mountinfo.h"
#include "util/path.h"

/*
 * The list has mount points as seen from the process's root.  What follows the top one's path leads
 * on from fd.
 */
static int mnt_tree_visit(
	int fd, const char *top, const char *point, int (*fn)(int mnt, void *arg), void *arg)
{
	size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
	auto_fd mnt = -1;

	if (strncmp(point, top, len) != 0 || point[len] != '/')
		return err_errno(EXDEV);
	mnt = path_open_in_root(fd, point + len, O_PATH | O_NOFOLLOW, 0);
	return mnt < 0 ? -1 : fn(mnt, arg);
}

static int mnt_tree_below(
	int fd, const char *top, int parent, int (*fn)(int mnt, void *arg), void *arg)
{
	auto_mountinfo m;

	if (mountinfo_open(&m) < 0)
		return -1;
	while (mountinfo_next(&m))
		if (m.parent == parent && m.id != parent &&
			(mnt_tree_visit(fd, top, m.point, fn, arg) < 0 ||
				mnt_tree_below(fd, top, m.id, fn, arg) < 0))
			return -1;
	return 0;
}

/*
 * The mount whose root fd is, is the last one on its path.  Its id is not taken from fdinfo of
 * proc(5): before Linux 5.14 a process that is not dumpable cannot read its own.
 */
int mnt_tree_each(int fd, int (*fn)(int mnt, void *arg), void *arg)
{
	char link[32], path[PATH_TEXT_MAX];
	ssize_t len = readlink(path_of_fd(link, sizeof(link), fd), path, sizeof(path) - 1);
	auto_mountinfo m;
	int id = -1;

	if (mountinfo_open(&m) < 0 || len < 0)
		return -1;
	path[len] = '\0';
	while (mountinfo_next(&m))
		if (strcmp(m.point, path) == 0)
			id = m.id;
	if (id < 0)
		return err_errno(ENOTSUP);
	return mnt_tree_below(fd, path, id, fn, arg);
}
