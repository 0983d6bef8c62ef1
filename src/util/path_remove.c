/*
 * path_remove: removes a tree, whatever its modes.
 * Removes below the descriptor it is given; follows no symlink and crosses no mount point.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/err.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"
#include "util/sys.h"

#define REMOVE_DEPTH_MAX 64 /* levels to open at once; deeper trees are moved up first */

struct remove {
	int top;	/* trees that are too deep are moved here */
	unsigned moved; /* the number of moved trees */
	int failed;	/* errno of the first failure, or 0 */
};

static void remove_fail(struct remove *r, int code)
{
	if (!r->failed)
		r->failed = code;
}

static void remove_moved_name(char *buf, size_t size, unsigned i)
{
	(void)snprintf(buf, size, ".remove-%ld-%u", (long)getpid(), i);
}

/* Open a directory, whatever its mode, and make it possible to remove its entries.  EXDEV for a
 * mount point. */
static int remove_open(int dirfd, const char *name)
{
	struct sys_open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = SYS_RESOLVE_NO_XDEV | SYS_RESOLVE_NO_SYMLINKS,
	};
	struct stat st, parent;
	char text[32];
	auto_fd fd = sys_openat2(dirfd, name, &how);

	if (fd < 0 && errno == EACCES) {
		/* By its descriptor, since chmod(2) follows links. */
		auto_fd closed = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (closed < 0 || chmod(path_of_fd(text, sizeof(text), closed), 0700) < 0)
			return -1;
		fd = sys_openat2(dirfd, name, &how);
	}
	if (fd < 0 && sys_is_missing(errno)) {
		auto_fd closed = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (closed < 0)
			return -1;
		if (fstat(closed, &st) < 0 || fstat(dirfd, &parent) < 0)
			return -1;
		if (st.st_dev != parent.st_dev)
			return err_errno(EXDEV);
		if ((st.st_mode & 0700) != 0700)
			(void)chmod(path_of_fd(text, sizeof(text), closed), 0700);
		fd = openat(closed, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return -1;
	/* If this fails, the removal of an entry reports the reason. */
	if (fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700)
		(void)fchmod(fd, 0700);
	return fd_take(&fd);
}

static void remove_at(struct remove *r, int dirfd, const char *name, unsigned depth);

static void remove_children(struct remove *r, int dirfd, unsigned depth)
{
	const char *name;
	auto_names d;

	(void)names_take(&d, dirfd);
	while ((name = names_next(&d)))
		remove_at(r, dirfd, name, depth + 1);
	if (errno)
		remove_fail(r, errno);
}

/* A tree that is too deep moves to the top: this limits descriptors and stack. */
static void remove_move_up(struct remove *r, int dirfd, const char *name)
{
	char moved[64];

	remove_moved_name(moved, sizeof(moved), r->moved);
	if (renameat(dirfd, name, r->top, moved) < 0)
		remove_fail(r, errno);
	else
		r->moved++;
}

static void remove_at(struct remove *r, int dirfd, const char *name, unsigned depth)
{
	int fd;

	/* unlink(2) of a directory fails with EISDIR, or with POSIX's EPERM on some file
	 * systems. */
	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return;
	if (errno != EISDIR && errno != EPERM) {
		remove_fail(r, errno);
		return;
	}
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return;
	if (errno == ENOTDIR || errno == EBUSY) {
		remove_fail(r, errno == EBUSY ? EBUSY : EPERM);
		return;
	}
	fd = remove_open(dirfd, name);
	if (fd < 0) {
		remove_fail(r, errno);
		return;
	}
	if (depth >= REMOVE_DEPTH_MAX) {
		fd_closep(&fd);
		remove_move_up(r, dirfd, name);
		return;
	}
	remove_children(r, fd, depth);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		remove_fail(r, errno);
}

int path_remove_tree(int dirfd, const char *name)
{
	struct remove r = { .top = dirfd };
	char moved[64];

	remove_at(&r, dirfd, name, 0);
	for (unsigned i = 0; i < r.moved; i++) {
		remove_moved_name(moved, sizeof(moved), i);
		remove_at(&r, dirfd, moved, 0);
	}
	return r.failed ? err_errno(r.failed) : 0;
}
