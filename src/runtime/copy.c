/*
 * copy: a small tree from one directory to another.
 * Called by mounts.c, to fill a volume of the image where there is no overlay.
 * Reads below one descriptor, writes below the other.
 */
#include "runtime/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/path.h"

#define COPY_DEPTH_MAX 64
#define COPY_STEP 65536

static int copy_file(int from, int to, const char *name, mode_t mode, struct err *e)
{
	auto_fd in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	auto_fd out = in < 0 ? -1 : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char buf[COPY_STEP];

	if (out < 0)
		return err_set(e, errno, "copy %s", name);
	for (;;) {
		ssize_t n = fd_read_full(in, buf, sizeof(buf));

		if (n < 0 || (n > 0 && fd_write_full(out, buf, (size_t)n) < 0))
			return err_set(e, errno, "copy %s", name);
		if (n == 0)
			break;
	}
	return fchmod(out, mode) < 0 ? err_set(e, errno, "copy %s", name) : 0;
}

static int copy_link(int from, int to, const char *name, struct err *e)
{
	char text[PATH_TEXT_MAX];
	ssize_t len = readlinkat(from, name, text, sizeof(text) - 1);

	if (len < 0)
		return err_set(e, errno, "copy the link %s", name);
	text[len] = '\0';
	return symlinkat(text, to, name) < 0 ? err_set(e, errno, "copy the link %s", name) : 0;
}

static int copy_level(int from, int to, unsigned depth, struct err *e);

static int copy_dir(int from, int to, const char *name, mode_t mode, unsigned depth, struct err *e)
{
	auto_fd in = openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd out = -1;

	if (depth == COPY_DEPTH_MAX)
		return err_set(e, ENAMETOOLONG, "copy the directory %s", name);
	if (in < 0 || mkdirat(to, name, 0700) < 0)
		return err_set(e, errno, "copy the directory %s", name);
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return err_set(e, errno, "copy the directory %s", name);
	if (copy_level(in, out, depth + 1, e) < 0)
		return err_wrap(e, "%s", name);
	/* last: it may forbid writing */
	return fchmod(out, mode) < 0 ? err_set(e, errno, "copy the directory %s", name) : 0;
}

static int copy_entry(int from, int to, const char *name, unsigned depth, struct err *e)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(e, errno, "copy %s", name);
	if (S_ISDIR(st.st_mode))
		return copy_dir(from, to, name, st.st_mode & 07777, depth, e);
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name, st.st_mode & 07777, e);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, name, e);
	if (S_ISFIFO(st.st_mode) && mknodat(to, name, st.st_mode & (S_IFMT | 07777), 0) < 0)
		return err_set(e, errno, "copy the fifo %s", name);
	return 0;
}

static int copy_level(int from, int to, unsigned depth, struct err *e)
{
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return err_set(e, errno, "read a directory");
	for (struct dirent *entry; (entry = readdir(d));) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
			copy_entry(from, to, name, depth, e) < 0)
			return -1;
	}
	return 0;
}

int copy_tree(int from, int to, struct err *e)
{
	return copy_level(from, to, 0, e);
}
