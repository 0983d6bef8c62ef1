/*
 * unpack: the work directory of an unpack, its limits, its beginning and end.
 * Called by store/.  Writes below the work directory only.
 */
#include "unpack/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "unpack/meta.h"
#include "util/fd.h"
#include "util/path.h"

#define ENTRIES_MAX 10000000ull
#define RESERVE_MAX (64ull << 20)
#define CHECK_EVERY (16ull << 20) /* bytes written between looks at the free space */

static int make_dir(struct unpack *u, const char *name, int *ret_fd, struct err *e)
{
	if (mkdirat(u->work, name, 0755) < 0)
		return err_set(e, errno, "mkdir %s", name);
	*ret_fd = path_open_beneath(u->work, name, O_RDONLY | O_DIRECTORY, 0);
	return *ret_fd < 0 ? err_set(e, errno, "open %s", name) : 0;
}

int unpack_init(struct unpack *u, int work, const struct unpack_limits *limits, struct err *e)
{
	struct statvfs fs;

	*u = (struct unpack){.work = work, .rootfs = -1, .trash = -1};
	/* Modes come from the image, not from who unpacks it. */
	u->umask = umask(0);
	if (limits)
		u->limits = *limits;
	if (!u->limits.entries)
		u->limits.entries = ENTRIES_MAX;
	if (!u->limits.reserve && fstatvfs(work, &fs) == 0) {
		u->limits.reserve = (uint64_t)fs.f_blocks * fs.f_frsize / 20;
		if (u->limits.reserve > RESERVE_MAX)
			u->limits.reserve = RESERVE_MAX;
	}
	/*
	 * Folders of a project on a cluster are often setgid or have a default ACL; both would be inherited
	 * by all that is made below.
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
	(void)umask(u->umask);
}

int unpack_trash(struct unpack *u, int dirfd, const char *name, struct err *e)
{
	char to[32];
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "stat %s", name);
	/* Only inode numbers of directories are relied on; other files can go at once, and their space with them. */
	if (!S_ISDIR(st.st_mode) && !inodes_get(&u->inodes, st.st_ino))
		return unlinkat(dirfd, name, 0) < 0 ? err_set(e, errno, "remove %s", name) : 0;
	(void)snprintf(to, sizeof(to), "%u", u->n_trash++);
	return renameat(dirfd, name, u->trash, to) < 0 ? err_set(e, errno, "remove %s", name) : 0;
}

int unpack_count_bytes(struct unpack *u, uint64_t n, struct err *e)
{
	struct statvfs fs;

	if (u->stop && *u->stop)
		return err_set(e, EINTR, "unpacking");
	u->stats.bytes += n;
	if (u->limits.bytes && u->stats.bytes > u->limits.bytes) {
		(void)err_set(e, 0, "over %llu bytes of files", (unsigned long long)u->limits.bytes);
		return err_hint(e, "--max-bytes raises the limit");
	}
	if (u->stats.bytes - u->checked < CHECK_EVERY)
		return 0;
	u->checked = u->stats.bytes;
	if (fstatvfs(u->rootfs, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < u->limits.reserve) {
		(void)err_set(e, ENOSPC, "the store's file system is down to its reserve of %llu MiB",
			(unsigned long long)(u->limits.reserve >> 20));
		return err_hint(e, "make room, or choose another place with --store DIR");
	}
	return 0;
}

int unpack_finish(struct unpack *u, struct err *e)
{
	if (meta_finish(u, e) < 0)
		return -1;
	fd_closep(&u->trash);
	u->trash = -1;
	return path_remove_tree(u->work, "trash") < 0 ? err_set(e, errno, "staging: remove trash") : 0;
}
