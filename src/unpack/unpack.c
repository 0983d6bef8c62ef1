/*
 * unpack: the work directory of an unpack, its limits, its beginning and end.
 * Writes below the work directory only.
 */
#include "unpack/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "unpack/finish.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"

#define ENTRIES_MAX 10000000ull
#define RESERVE_MAX (64ull << 20)
#define CHECK_MIN \
	(64ull << 10) /* bytes written between looks at the free space: a fourth of the reserve, \
			 but */
#define CHECK_MAX (16ull << 20)

static int make_dir(struct unpack *u, const char *name, int *ret_fd, struct err *e)
{
	if (mkdirat(u->work, name, 0755) < 0)
		return err_set(e, errno, "mkdir %s", name);
	*ret_fd = path_open_beneath(u->work, name, O_RDONLY | O_DIRECTORY, 0);
	return *ret_fd < 0 ? err_set(e, errno, "open %s", name) : 0;
}

uint64_t unpack_reserve(int dirfd, uint64_t asked)
{
	struct statvfs fs;
	uint64_t part;

	if (asked || fstatvfs(dirfd, &fs) < 0)
		return asked;
	part = (uint64_t)fs.f_blocks * fs.f_frsize / 20;
	return part < RESERVE_MAX ? part : RESERVE_MAX;
}

int unpack_check_reserve(
	int dirfd, uint64_t reserve, uint64_t written, uint64_t *checked, struct err *e)
{
	uint64_t every = reserve / 4 < CHECK_MIN   ? CHECK_MIN
			 : reserve / 4 > CHECK_MAX ? CHECK_MAX
						   : reserve / 4;
	struct statvfs fs;

	if (written - *checked < every)
		return 0;
	*checked = written;
	if (fstatvfs(dirfd, &fs) < 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= reserve)
		return 0;
	(void)err_set(e, ENOSPC, "the file system is down to its reserve of %llu MiB",
		(unsigned long long)(reserve >> 20));
	return err_hint(e, "make room, choose another place with --store DIR, or give --reserve");
}

int unpack_init(struct unpack *u, int work, const struct unpack_limits *limits, struct err *e)
{
	*u = (struct unpack){ .work = work, .rootfs = -1, .trash = -1 };
	u->totals = xmalloc(sizeof(*u->totals));
	*u->totals = (struct unpack_totals){ .telling = PTHREAD_MUTEX_INITIALIZER };
	/* Modes come from the image, not from who unpacks it. */
	u->umask = umask(0);
	if (limits)
		u->limits = *limits;
	if (!u->limits.entries)
		u->limits.entries = ENTRIES_MAX;
	u->limits.reserve = unpack_reserve(work, u->limits.reserve);
	/*
	 * Folders of a project on a cluster are often setgid or have a default ACL; both would be
	 * inherited by all that is made below.
	 */
	if (fchmod(work, 0700) < 0)
		return err_set(e, errno, "staging: chmod");
	(void)fremovexattr(work, "system.posix_acl_default");
	return make_dir(u, "rootfs", &u->rootfs, e) < 0 || make_dir(u, "trash", &u->trash, e) < 0
		       ? err_wrap(e, "staging")
		       : 0;
}

void unpack_done(struct unpack *u)
{
	fd_closep(&u->rootfs);
	fd_closep(&u->trash);
	u->rootfs = u->trash = -1;
	inodes_done(&u->inodes);
	contents_done(&u->contents);
	free(u->totals);
	u->totals = NULL;
	(void)umask(u->umask);
}

int unpack_trash(struct unpack *u, int dirfd, const char *name, struct err *e)
{
	char to[32];
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "stat %s", name);
	/* Only inode numbers of directories are relied on; other files can go at once, and their
	 * space with them. */
	if (!S_ISDIR(st.st_mode) && !inodes_get(&u->inodes, st.st_ino)) {
		if (st.st_nlink == 1)
			contents_drop(&u->contents, st.st_ino);
		return unlinkat(dirfd, name, 0) < 0 ? err_set(e, errno, "remove %s", name) : 0;
	}
	(void)snprintf(to, sizeof(to), "%u.%u", u->layer, u->n_trash++);
	return renameat(dirfd, name, u->trash, to) < 0 ? err_set(e, errno, "remove %s", name) : 0;
}

bool unpack_is_stopped(const struct unpack *u)
{
	return (u->stop && *u->stop) || u->totals->gave_up;
}

int unpack_count_room(struct unpack *u, uint64_t n, struct err *e)
{
	u->written += n;
	return unpack_check_reserve(u->rootfs, u->limits.reserve, u->written, &u->checked, e);
}

int unpack_count_bytes(struct unpack *u, uint64_t n, struct err *e)
{
	if (unpack_is_stopped(u))
		return err_set(e, EINTR, "unpacking");
	u->stats.bytes += n;
	if (atomic_fetch_add(&u->totals->bytes, n) + n > u->limits.bytes && u->limits.bytes) {
		(void)err_set(
			e, 0, "over %llu bytes of files", (unsigned long long)u->limits.bytes);
		return err_hint(e, "--max-bytes raises the limit");
	}
	return unpack_count_room(u, n, e);
}

int unpack_finish(struct unpack *u, struct err *e)
{
	if (finish_tree(u, e) < 0)
		return -1;
	fd_closep(&u->trash);
	u->trash = -1;
	return path_remove_tree(u->work, "trash") < 0 ? err_set(e, errno, "staging: remove trash")
						      : 0;
}
