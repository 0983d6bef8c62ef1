/*
 * path remove: takes a tree away, whatever its modes.
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

#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"
#include "util/sys.h"

#define REMOVE_DEPTH_MAX 64 /* levels that are open at once; deeper trees are moved up first */

struct remove {
	int top;	/* what lies too deep is moved here */
	unsigned moved; /* how many were */
	int failed;	/* errno of the first failure, 0 while there was none */
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

/* Open a directory that may forbid it, and allow what emptying it takes.  A mount point gives
 * EXDEV. */
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
		/* By descriptor, since chmod(2) follows links. */
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
		if (st.st_dev != parent.st_dev) {
			errno = EXDEV;
			return -1;
		}
		if ((st.st_mode & 0700) != 0700)
			(void)chmod(path_of_fd(text, sizeof(text), closed), 0700);
		fd = openat(closed, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && (st.st_mode & 0700) != 0700)
		(void)fchmod(
			fd, 0700); /* where this fails, so will what needs it, with the reason */
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

/* Descriptors and stack are bounded: what is too deep becomes a tree of its own at the top. */
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

	/* EISDIR is Linux's answer for a directory; POSIX has EPERM, which some file systems give.
	 */
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
	if (!r.failed)
		return 0;
	errno = r.failed;
	return -1;
}
