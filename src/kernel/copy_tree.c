/*
 * copy: a tree from one directory to another.
 * Reads below one descriptor, writes below the other.
 */
#include "kernel/copy_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/xattr.h"

#define COPY_TREE_DEPTH_MAX 256 /* three descriptors for each level */

/* A file with several names, of which the first is the path in the copy. */
struct copy_tree_name {
	dev_t dev;
	ino_t ino;
	char *path;
};

struct copy_tree {
	int top;
	uint64_t max, bytes;
	struct copy_tree_name *names;
	size_t n, room;
	struct arena arena;
	char path[PATH_TEXT_MAX]; /* of the directory that is being filled, in the copy */
};

static int copy_tree_failed(const struct copy_tree *c, const char *name, struct err *e)
{
	return err_set(e, errno, "copy %s%s%s", c->path, *c->path ? "/" : "", name);
}

/*
 * What the copy is made of, last: the mode may forbid writing, and chown(2) takes setuid bits away.
 * Owners that are not mapped here cannot be had, user_namespaces(7): the file is the caller's then.
 */
static int copy_tree_attributes(int from, int to, struct err *e)
{
	struct timespec times[2];
	struct stat st;

	if (fstat(from, &st) < 0)
		return err_set(e, errno, "read its attributes");
	if ((st.st_uid != geteuid() || st.st_gid != getegid()) &&
		fchown(to, st.st_uid, st.st_gid) < 0 && errno != EINVAL && errno != EPERM)
		return err_set(e, errno, "set its owner");
	if (xattr_copy(from, to, e) < 0 && e->code != EOPNOTSUPP)
		return -1;
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	if (fchmod(to, st.st_mode & 07777) < 0 || futimens(to, times) < 0)
		return err_set(e, errno, "set its attributes");
	return 0;
}

/* The path of an earlier name of the file; NULL where this is the first, which is remembered. */
static const char *copy_tree_earlier(struct copy_tree *c, const struct stat *st, const char *name)
{
	for (size_t i = c->n; i > 0; i--)
		if (c->names[i - 1].ino == st->st_ino && c->names[i - 1].dev == st->st_dev)
			return c->names[i - 1].path;
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->names = xrealloc(c->names, c->room * sizeof(*c->names));
	}
	c->names[c->n++] = (struct copy_tree_name){ st->st_dev, st->st_ino,
		arena_printf(&c->arena, "%s%s%s", c->path, *c->path ? "/" : "", name) };
	return NULL;
}

static int copy_tree_file(struct copy_tree *c, int from, int to, const char *name,
	const struct stat *st, struct err *e)
{
	const char *earlier = st->st_nlink > 1 ? copy_tree_earlier(c, st, name) : NULL;
	auto_fd in = -1, out = -1;

	if (earlier)
		return linkat(c->top, earlier, to, name, 0) < 0 ? copy_tree_failed(c, name, e) : 0;
	c->bytes += (uint64_t)st->st_size;
	if (c->max && c->bytes > c->max)
		return err_set(e, EFBIG, "copy %s", name);
	in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	out = in < 0 ? -1 : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0 || fd_copy(in, out) < 0)
		return copy_tree_failed(c, name, e);
	return copy_tree_attributes(in, out, e) < 0 ? err_wrap(e, "copy %s", name) : 0;
}

static int copy_tree_link(const struct copy_tree *c, int from, int to, const char *name,
	const struct stat *st, struct err *e)
{
	char text[PATH_TEXT_MAX];
	ssize_t len = readlinkat(from, name, text, sizeof(text) - 1);

	if (len < 0)
		return copy_tree_failed(c, name, e);
	text[len] = '\0';
	if (symlinkat(text, to, name) < 0)
		return copy_tree_failed(c, name, e);
	if (st->st_uid != geteuid() || st->st_gid != getegid())
		(void)fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int copy_tree_level(struct copy_tree *c, int from, int to, unsigned depth, struct err *e);

static int copy_tree_dir(
	struct copy_tree *c, int from, int to, const char *name, unsigned depth, struct err *e)
{
	auto_fd in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	size_t len = strlen(c->path), add = strlen(name);
	auto_fd out = -1;

	if (depth == COPY_TREE_DEPTH_MAX || len + add + 2 > sizeof(c->path))
		return err_set(e, ENAMETOOLONG, "copy the directory %s", name);
	if (in < 0 || mkdirat(to, name, 0700) < 0)
		return copy_tree_failed(c, name, e);
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return copy_tree_failed(c, name, e);
	if (len)
		c->path[len] = '/';
	memcpy(c->path + len + (len > 0), name, add + 1);
	if (copy_tree_level(c, in, out, depth + 1, e) < 0)
		return -1;
	c->path[len] = '\0';
	return copy_tree_attributes(in, out, e) < 0 ? err_wrap(e, "copy %s", name) : 0;
}

/* The caller holds all signals back, and somebody at a terminal does not want to wait for
 * gigabytes. */
static bool copy_tree_is_stopped(void)
{
	sigset_t set;

	return sigpending(&set) == 0 &&
	       (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
		       sigismember(&set, SIGHUP) == 1 || sigismember(&set, SIGQUIT) == 1);
}

static int copy_tree_entry(
	struct copy_tree *c, int from, int to, const char *name, unsigned depth, struct err *e)
{
	struct stat st;

	if (copy_tree_is_stopped())
		return err_set(e, EINTR, "copy %s", name);
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_tree_failed(c, name, e);
	if (S_ISDIR(st.st_mode))
		return copy_tree_dir(c, from, to, name, depth, e);
	if (S_ISREG(st.st_mode))
		return copy_tree_file(c, from, to, name, &st, e);
	if (S_ISLNK(st.st_mode))
		return copy_tree_link(c, from, to, name, &st, e);
	if (S_ISFIFO(st.st_mode) && mknodat(to, name, st.st_mode & (S_IFMT | 07777), 0) < 0)
		return copy_tree_failed(c, name, e);
	return 0;
}

static int copy_tree_level(struct copy_tree *c, int from, int to, unsigned depth, struct err *e)
{
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d)
		return copy_tree_failed(c, ".", e);
	while ((errno = 0, entry = readdir(d))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
			copy_tree_entry(c, from, to, name, depth, e) < 0)
			return -1;
	}
	return errno ? copy_tree_failed(c, ".", e) : 0;
}

int copy_tree(int from, int to, uint64_t max, struct err *e)
{
	auto_fd in = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_fd out = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copy_tree c = { .top = out, .max = max };
	int r = in < 0 || out < 0 ? copy_tree_failed(&c, ".", e)
				  : copy_tree_level(&c, in, out, 0, e);

	if (r == 0)
		r = copy_tree_attributes(in, out, e);

	free(c.names);
	arena_done(&c.arena);
	return r;
}
