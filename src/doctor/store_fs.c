/*
 * store_fs: what the file system of a store can do.
 * Writes to a nameless file in the directory that it is given; reads /proc/self/mountinfo.
 */
#include "doctor/store_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "unpack/reserve.h"
#include "util/err.h"
#include "util/fd.h"
#include "util/mountinfo.h"
#include "util/names.h"
#include "util/path.h"

#define STORE_FS_BYTES 4096

static void store_fs_type(int dir, struct store_fs *h)
{
	char link[32], path[PATH_TEXT_MAX];
	ssize_t len = readlink(path_of_fd(link, sizeof(link), dir), path, sizeof(path) - 1);
	auto_mountinfo m;
	size_t longest = 0;

	(void)snprintf(h->type, sizeof(h->type), "unknown type");
	path[len > 0 ? len : 0] = '\0';
	(void)mountinfo_open(&m);
	while (mountinfo_next(&m)) {
		size_t n = strcmp(m.point, "/") == 0 ? 0 : strlen(m.point);

		/* of several on one directory the last is visible */
		if (n < longest || strncmp(path, m.point, n) != 0 || (path[n] && path[n] != '/'))
			continue;
		longest = n;
		(void)snprintf(h->type, sizeof(h->type), "%s", m.type);
	}
}

static void store_fs_facts(int dir, struct store_fs *h)
{
	struct statvfs v = { 0 };

	(void)fstatvfs(dir, &v);
	h->free = (uint64_t)v.f_bavail * v.f_frsize;
	h->noexec = v.f_flag & ST_NOEXEC;
	h->nosuid = v.f_flag & ST_NOSUID;
}

/* One file, opened twice.  Returns 0, or -1 with errno. */
static int store_fs_files(int dir, int *ret_one, int *ret_other)
{
	char name[32];

	*ret_one = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*ret_one >= 0) {
		*ret_other = open(path_of_fd(name, sizeof(name), *ret_one), O_RDWR | O_CLOEXEC);
		if (*ret_other >= 0)
			return 0;
		fd_closep(ret_one);
		*ret_one = -1;
	} else if (errno == EROFS || errno == EACCES || errno == EPERM || errno == ENOSPC) {
		return -1;
	}
	(void)snprintf(name, sizeof(name), FD_TEMPORARY "doctor-%d", (int)getpid());
	*ret_one = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (*ret_one < 0)
		return -1;
	*ret_other = openat(dir, name, O_RDWR | O_CLOEXEC);
	(void)unlinkat(dir, name, 0);
	return *ret_other < 0 ? -1 : 0;
}

static void store_fs_write(int dir, int fd, struct err *e)
{
	char bytes[STORE_FS_BYTES];
	uint64_t checked = 0;

	memset(bytes, 'x', sizeof(bytes));
	if (fd_write_full(fd, bytes, sizeof(bytes)) < 0 || fsync(fd) < 0)
		(void)err_set(e, errno, "write a file");
	else
		(void)reserve_check(dir, reserve_of(dir, 0), INT64_MAX, &checked, e);
}

/* If both descriptors of the file get the lock, it is of no use. */
static void store_fs_lock(int one, int other, struct err *e)
{
	if (flock(one, LOCK_EX | LOCK_NB) < 0)
		(void)err_set(e, errno, "lock a file");
	else if (flock(other, LOCK_EX | LOCK_NB) == 0)
		(void)err_set(e, 0, "a lock was given twice");
	else if (errno != EWOULDBLOCK)
		(void)err_set(e, errno, "lock a file again");
}

void store_fs_check(int dir, struct store_fs *h)
{
	auto_fd one = -1, other = -1;
	struct stat st;

	*h = (struct store_fs){ 0 };
	store_fs_type(dir, h);
	store_fs_facts(dir, h);
	if (store_fs_files(dir, &one, &other) < 0) {
		(void)err_set(&h->write, errno, "make a file");
		return;
	}
	h->squashed = geteuid() == 0 && fstat(one, &st) == 0 && st.st_uid != 0;
	store_fs_write(dir, one, &h->write);
	store_fs_lock(one, other, &h->locks);
	if (fsetxattr(one, "user.sandbox", "", 0, 0) < 0)
		(void)err_set(&h->xattrs, errno, "set an attribute user.*");
}

static bool store_fs_holds_mounts(const char *path)
{
	size_t n = strcmp(path, "/") == 0 ? 0 : strlen(path);
	auto_mountinfo m;

	(void)mountinfo_open(&m);
	while (mountinfo_next(&m))
		if (strncmp(m.point, path, n) == 0 && m.point[n] == '/' && m.point[n + 1])
			return true;
	return false;
}

int store_fs_unmounted(int dir)
{
	char link[32], path[PATH_TEXT_MAX];
	ssize_t len = readlink(
		path_of_fd(link, sizeof(link), dir), path, sizeof(path) - PATH_NAME_MAX - 2);
	struct stat own, st;
	const char *name;
	auto_names d;

	path[len > 0 ? len : 0] = '\0';
	if (len <= 0 || !store_fs_holds_mounts(path))
		return openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (len == 1)
		len = 0;
	(void)names_open(&d, dir);
	while (fstat(dir, &own) == 0 && (name = names_next(&d))) {
		auto_fd fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		(void)snprintf(path + len, sizeof(path) - (size_t)len, "/%s", name);
		if (fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == own.st_dev &&
			!store_fs_holds_mounts(path))
			return fd_take(&fd);
	}
	return err_errno(EBUSY);
}
