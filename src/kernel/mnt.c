/*
 * mnt: one mount onto one descriptor.
 * Touches the mount namespace that it runs in, which is the sandbox's own.
 */
#include "kernel/mnt.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "kernel/mnt_tree.h"
#include "util/err.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/sys.h"

#define MNT_OPTION_MAX 256 /* bytes of one key=value */
#define MNT_REASON_MAX 256

static unsigned long mnt_old_flags(uint64_t attr)
{
	return (attr & MOUNT_ATTR_RDONLY ? MS_RDONLY : 0) |
	       (attr & MOUNT_ATTR_NOSUID ? MS_NOSUID : 0) |
	       (attr & MOUNT_ATTR_NODEV ? MS_NODEV : 0) |
	       (attr & MOUNT_ATTR_NOEXEC ? MS_NOEXEC : 0);
}

/* The mount that now covers at->fd. */
static int mnt_reopen(const struct mnt_at *at)
{
	char link[32], path[PATH_TEXT_MAX];
	ssize_t len;

	if (at->path)
		return path_open_in_root(at->rootfd, at->path, O_PATH, 0);
	len = readlink(path_of_fd(link, sizeof(link), at->fd), path, sizeof(path) - 1);
	if (len < 0)
		return -1;
	path[len] = '\0';
	return open(path, O_PATH | O_CLOEXEC);
}

/* "key=value,flag,..." one by one. */
static int mnt_configure(int fs, const char *options)
{
	char one[MNT_OPTION_MAX];

	while (options && *options) {
		size_t len = strcspn(options, ",");
		char *value;
		int r;

		if (len >= sizeof(one))
			return err_errno(EINVAL);
		memcpy(one, options, len);
		one[len] = '\0';
		value = strchr(one, '=');
		if (value)
			*value++ = '\0';
		r = value ? sys_fsconfig(fs, SYS_FSCONFIG_SET_STRING, one, value)
			  : sys_fsconfig(fs, SYS_FSCONFIG_SET_FLAG, one, NULL);
		if (r < 0)
			return -1;
		options += len + (options[len] == ',');
	}
	return 0;
}

/*
 * The file system's own words about a failure: lines of "e text", "w text", "i text" read from its
 * context.
 */
static void mnt_reason(int fs, char *buf, size_t size)
{
	int saved = errno;
	ssize_t n = read(fs, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	if (n > 2 && buf[1] == ' ')
		memmove(buf, buf + 2, strlen(buf + 2) + 1);
	errno = saved;
}

static int mnt_new_by_context(
	const char *type, const char *options, uint64_t attr, const struct mnt_at *at, char *reason)
{
	auto_fd fs = sys_fsopen(type, SYS_FSOPEN_CLOEXEC);
	auto_fd mnt = -1;

	if (fs < 0)
		return -1;
	/* The name that mount(8) and df(1) show. */
	if (sys_fsconfig(fs, SYS_FSCONFIG_SET_STRING, "source", type) < 0 ||
		mnt_configure(fs, options) < 0 ||
		sys_fsconfig(fs, SYS_FSCONFIG_CMD_CREATE, NULL, NULL) < 0) {
		mnt_reason(fs, reason, MNT_REASON_MAX);
		return -1;
	}
	mnt = sys_fsmount(fs, SYS_FSMOUNT_CLOEXEC, (unsigned)attr);
	if (mnt < 0 || sys_move_mount(mnt, "", at->fd, "",
			       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -1;
	return fd_take(&mnt);
}

int mnt_new(const char *type, const char *options, uint64_t attr, const struct mnt_at *at,
	struct err *e)
{
	char reason[MNT_REASON_MAX] = "", target[32];
	int fd = mnt_new_by_context(type, options, attr, at, reason);

	if (fd >= 0)
		return fd;
	if (sys_is_missing(errno)) {
		if (mount(type, path_of_fd(target, sizeof(target), at->fd), type,
			    mnt_old_flags(attr), options) == 0)
			return mnt_reopen(at);
	}
	if (reason[0])
		return err_set(e, errno, "mount %s (%s)", type, reason);
	return err_set(e, errno, "mount %s", type);
}

/*
 * mount(2)'s way to change the flags of one mount.  It sets all flags at once, and the kernel
 * refuses (EPERM) to clear those that came with the mount from the outer namespace, so they are
 * named again.
 */
static int mnt_remount(int fd, uint64_t attr)
{
	unsigned long flags = MS_REMOUNT | MS_BIND | mnt_old_flags(attr);
	struct statvfs fs;
	char target[32];

	if (fstatvfs(fd, &fs) < 0)
		return -1;
	flags |= (fs.f_flag & ST_RDONLY ? MS_RDONLY : 0) | (fs.f_flag & ST_NOSUID ? MS_NOSUID : 0) |
		 (fs.f_flag & ST_NODEV ? MS_NODEV : 0) | (fs.f_flag & ST_NOEXEC ? MS_NOEXEC : 0) |
		 (fs.f_flag & ST_NOATIME ? MS_NOATIME : 0) |
		 (fs.f_flag & ST_NODIRATIME ? MS_NODIRATIME : 0) |
		 (fs.f_flag & ST_RELATIME ? MS_RELATIME : 0);
	return mount(NULL, path_of_fd(target, sizeof(target), fd), NULL, flags, NULL);
}

static int mnt_remount_one(int fd, void *arg)
{
	return mnt_remount(fd, *(const uint64_t *)arg);
}

int mnt_set(int fd, bool recursive, uint64_t attr)
{
	struct sys_mount_attr a = { .attr_set = attr };

	if (!attr)
		return 0;
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &a) == 0)
		return 0;
	if (!sys_is_missing(errno))
		return -1;
	if (mnt_remount(fd, attr) < 0)
		return -1;
	return recursive ? mnt_tree_each(fd, mnt_remount_one, &attr) : 0;
}

static int mnt_bind_by_tree(int src, bool recursive, uint64_t attr, const struct mnt_at *at)
{
	struct sys_mount_attr a = { .attr_set = attr };
	bool late = false;
	auto_fd mnt = sys_open_tree(src, "",
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
			(recursive ? AT_RECURSIVE : 0));

	if (mnt < 0)
		return -1;
	if (attr && sys_mount_setattr(mnt, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &a) <
			    0) {
		if (!sys_is_missing(errno))
			return -1;
		late = true; /* the old call works on attached mounts only */
	}
	if (sys_move_mount(mnt, "", at->fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) <
		0)
		return -1;
	if (late && mnt_set(mnt, recursive, attr) < 0)
		return -1;
	return fd_take(&mnt);
}

int mnt_bind(int src, bool recursive, uint64_t attr, const struct mnt_at *at, struct err *e)
{
	char from[32], to[32];
	auto_fd mnt = mnt_bind_by_tree(src, recursive, attr, at);

	if (mnt >= 0)
		return fd_take(&mnt);
	if (!sys_is_missing(errno))
		return err_set(e, errno, "bind mount");
	if (mount(path_of_fd(from, sizeof(from), src), path_of_fd(to, sizeof(to), at->fd), NULL,
		    MS_BIND | (recursive ? MS_REC : 0), NULL) < 0)
		return err_set(e, errno, "bind mount");
	mnt = mnt_reopen(at);
	if (mnt < 0 || mnt_set(mnt, recursive, attr) < 0)
		return err_set(e, errno, "set the flags of a bind mount");
	return fd_take(&mnt);
}

static int mnt_open_target(int dirfd, const char *name, struct err *e)
{
	int fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? err_set(e, errno, "open %s", name) : fd;
}

int mnt_new_on(int dirfd, const char *name, const char *type, const char *options, uint64_t attr,
	struct err *e)
{
	auto_fd target = mnt_open_target(dirfd, name, e);
	const struct mnt_at at = { target, dirfd, name };

	return target < 0 ? -1 : mnt_new(type, options, attr, &at, e);
}

int mnt_bind_on(int dirfd, const char *name, int src, bool recursive, uint64_t attr, struct err *e)
{
	auto_fd target = mnt_open_target(dirfd, name, e);
	const struct mnt_at at = { target, dirfd, name };

	return target < 0 ? -1 : mnt_bind(src, recursive, attr, &at, e);
}
