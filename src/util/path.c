/*
 * path: opens names below a directory descriptor, and nothing outside it. Opens and makes files
 * below the descriptor that it is given; chooses between openat2 and the walk.
 */
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "util/err.h"
#include "util/fd.h"
#include "util/path_walk.h"
#include "util/sys.h"

#define PATH_READ_TRIES 5
#define PATH_RACY_NANOSECONDS 50000000ll /* the clock's resolution */
#define PATH_RETRIES 64 /* openat2(2) fails with EAGAIN if a rename spoilt its check of '..' */

static int path_clean_as(const char *in, char *out, size_t size, bool in_root)
{
	size_t len = 0;

	while (*in) {
		size_t n = strcspn(in, "/");

		if (n > PATH_NAME_MAX)
			return err_errno(ENAMETOOLONG);
		if (n == 2 && in[0] == '.' && in[1] == '.') {
			if (len == 0 && !in_root)
				return err_errno(EXDEV);
			while (len && out[len - 1] != '/')
				len--;
			len -= len > 0; /* the slash */
		} else if (n && !(n == 1 && in[0] == '.')) {
			/* len < size: there must be room for the NUL */
			if (len + (len > 0) + n >= size)
				return err_errno(ENAMETOOLONG);
			if (len)
				out[len++] = '/';
			memcpy(out + len, in, n);
			len += n;
		}
		in += n + (in[n] == '/');
	}
	if (size == 0)
		return err_errno(ENAMETOOLONG);
	out[len] = '\0';
	return 0;
}

int path_clean(const char *in, char *out, size_t size)
{
	return path_clean_as(in, out, size, false);
}

int path_clean_in_root(const char *in, char *out, size_t size)
{
	return path_clean_as(in, out, size, true);
}

size_t path_split(const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');

	*ret_name = slash ? slash + 1 : path;
	return slash ? (size_t)(slash - path) : 0;
}

static int path_open(enum path_walk_mode how, int dirfd, const char *path, int flags, mode_t mode)
{
	struct sys_open_how h = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = flags & O_CREAT ? mode & 07777 : 0, /* else openat2(2) refuses it */
		.resolve = how == PATH_WALK_BENEATH
				   ? SYS_RESOLVE_BENEATH | SYS_RESOLVE_NO_SYMLINKS
				   : SYS_RESOLVE_IN_ROOT | SYS_RESOLVE_NO_MAGICLINKS,
	};

	if (!*path)
		path = ".";
	for (int i = 0; i < PATH_RETRIES; i++) {
		int fd = sys_openat2(dirfd, path, &h);

		if (fd >= 0)
			return fd;
		if (sys_is_missing(errno))
			return path_walk_open(how, dirfd, path, flags, mode);
		if (errno != EAGAIN && errno != EINTR)
			return -1;
	}
	return path_walk_open(how, dirfd, path, flags, mode);
}

int path_open_beneath(int dirfd, const char *path, int flags, mode_t mode)
{
	return path_open(PATH_WALK_BENEATH, dirfd, path, flags, mode);
}

/* ESTALE: another node has replaced the file on NFS; then there is a new one. */
char *path_read_beneath(int dirfd, const char *path, size_t max, size_t *ret_len)
{
	char *text = NULL;

	for (int i = 0; !text && (i == 0 || (errno == ESTALE && i < PATH_READ_TRIES)); i++) {
		auto_fd fd = path_open_beneath(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

		text = fd < 0 ? NULL : fd_read_all(fd, max, ret_len);
	}
	return text;
}

int path_open_in_root(int rootfd, const char *path, int flags, mode_t mode)
{
	return path_open(PATH_WALK_IN_ROOT, rootfd, path, flags, mode);
}

int path_mkdirs_in_root(int rootfd, const char *path, mode_t mode)
{
	int fd = path_open_in_root(rootfd, path, O_PATH | O_DIRECTORY, 0);

	return fd >= 0 || errno != ENOENT ? fd : path_walk_mkdirs(rootfd, path, mode);
}

int path_make_own(int dirfd, const char *name)
{
	auto_fd fd = -1;
	struct stat st;

	if (mkdirat(dirfd, name, 0700) < 0)
		return -1;
	fd = path_open_beneath(dirfd, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0 || fstat(fd, &st) < 0) {
		int code = errno;

		(void)unlinkat(dirfd, name, AT_REMOVEDIR);
		return err_errno(code);
	}
	/* In a user namespace with one group mapped, an overlay takes no directory of another one.
	 * What cannot be changed does no harm where nobody uses it. */
	(void)fremovexattr(fd, "system.posix_acl_default");
	(void)fremovexattr(fd, "system.posix_acl_access");
	if (st.st_gid != getegid())
		(void)fchown(fd, (uid_t)-1, getegid());
	if ((st.st_mode & 07777) != 0700)
		(void)fchmod(fd, 0700);
	return fd_take(&fd);
}

int path_create_in_root(int rootfd, const char *path, mode_t mode, mode_t dir_mode)
{
	return path_walk_create(rootfd, path, mode, dir_mode);
}

bool path_is_there(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool path_is_at(int fd, int dirfd, const char *name)
{
	struct stat here, there;

	return fstat(fd, &here) == 0 && fstatat(dirfd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

bool path_is_settled(const struct stat *st)
{
	struct timespec now;
	long long age;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return false;
	age = (now.tv_sec - st->st_ctim.tv_sec) * 1000000000ll +
	      (now.tv_nsec - st->st_ctim.tv_nsec);
	/* The file system may keep whole seconds only. */
	return age > (st->st_ctim.tv_nsec == 0 ? 2000000000ll : PATH_RACY_NANOSECONDS);
}

char *path_of_fd(char *buf, size_t size, int fd)
{
	(void)snprintf(buf, size, "/proc/self/fd/%d", fd);
	return buf;
}
