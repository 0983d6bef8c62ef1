/*
 * path_walk: resolves a path component by component with O_NOFOLLOW. Opens and makes directories
 * below the descriptor that it is given, and nothing outside, even if others rename directories
 * meanwhile.
 */
#include "util/path_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/err.h"
#include "util/fd.h"
#include "util/path_max.h"

#define WALK_PROC_MAGIC 0x9fa0 /* PROC_SUPER_MAGIC, statfs(2) */

/*
 * Invariants: done is the path of cur below root, without symlinks, '.' and '..'; rest is still to
 * be resolved.  The kernel never sees '..': the walk removes a component from done, and opens cur
 * again from root.  So a directory that is moved out of the root during the walk does not lead
 * outside.
 */
struct walk {
	enum path_walk_mode how;
	int root, cur; /* cur is -1 for the root itself */
	bool make;     /* make missing directories */
	bool to_dir;   /* the last component is one of them */
	mode_t make_mode;
	unsigned links; /* symlinks followed so far */
	char done[PATH_TEXT_MAX];
	char rest[PATH_TEXT_MAX];
};

static int walk_fd(const struct walk *w)
{
	return w->cur >= 0 ? w->cur : w->root;
}

static void walk_move(struct walk *w, int fd)
{
	fd_closep(&w->cur);
	w->cur = fd;
}

static void walk_done(struct walk *w)
{
	fd_closep(&w->cur);
}

static int walk_init(struct walk *w, const char *path)
{
	size_t len = strlen(path);

	if (len >= sizeof(w->rest))
		return err_errno(ENAMETOOLONG);
	if (w->how == PATH_WALK_BENEATH && path[0] == '/')
		return err_errno(EXDEV); /* as openat2(2) */
	memcpy(w->rest, path, len + 1);
	return 0;
}

/*
 * Move the next component from rest to name.  *ret_last: only slashes follow it.  *ret_slash: a
 * slash follows it, so it must be a directory.  Returns its length, 0 at the end, or -1 with errno.
 */
static int walk_next(struct walk *w, char *name, bool *ret_last, bool *ret_slash)
{
	size_t skip = strspn(w->rest, "/"), len = strcspn(w->rest + skip, "/"), after;

	if (len > PATH_NAME_MAX)
		return err_errno(ENAMETOOLONG);
	memcpy(name, w->rest + skip, len);
	name[len] = '\0';
	after = skip + len;
	*ret_slash = w->rest[after] == '/';
	after += strspn(w->rest + after, "/");
	*ret_last = w->rest[after] == '\0';
	memmove(w->rest, w->rest + after, strlen(w->rest + after) + 1);
	return (int)len;
}

static int walk_push(struct walk *w, const char *name, int fd)
{
	size_t len = strlen(w->done), add = strlen(name);

	if (len + add + 2 > sizeof(w->done)) {
		fd_closep(&fd);
		return err_errno(ENAMETOOLONG);
	}
	if (len)
		w->done[len++] = '/';
	memcpy(w->done + len, name, add + 1);
	walk_move(w, fd);
	return 0;
}

/* '..': open the parent again from the root. */
static int walk_up(struct walk *w)
{
	char name[PATH_NAME_MAX + 1], *slash = strrchr(w->done, '/');
	const char *s = w->done;

	if (!w->done[0]) {
		errno = EXDEV;
		return w->how == PATH_WALK_BENEATH ? -1 : 0; /* the root is its own parent */
	}
	*(slash ? slash : w->done) = '\0';
	walk_move(w, -1);
	while (*s) {
		size_t len = strcspn(s, "/");
		int fd;

		memcpy(name, s, len);
		name[len] = '\0';
		fd = openat(walk_fd(w), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -1;
		walk_move(w, fd);
		s += len + (s[len] == '/');
	}
	return 0;
}

/*
 * Is this a magic link of procfs, which the kernel follows without reading its text? The text of
 * those is an absolute path or "type:[inode]"; other links of procfs (self, mounts, net) are
 * relative.
 */
static bool walk_is_magic(int dirfd, const char *text)
{
	struct statfs fs;

	return (text[0] == '/' || strstr(text, ":[")) && fstatfs(dirfd, &fs) == 0 &&
	       fs.f_type == WALK_PROC_MAGIC;
}

/* Put the target of the link cur/name in front of rest.  EINVAL if it is not a link,
 * readlink(2). */
static int walk_follow(struct walk *w, const char *name, bool slash)
{
	char text[PATH_TEXT_MAX];
	ssize_t len = readlinkat(walk_fd(w), name, text, sizeof(text));
	size_t rest = strlen(w->rest), between = rest || slash;

	if (len < 0)
		return -1;
	if (len == 0 || (size_t)len == sizeof(text) ||
		(size_t)len + between + rest >= sizeof(w->rest))
		return err_errno(len == 0 ? ENOENT : ENAMETOOLONG);
	text[len] = '\0';
	if (w->how == PATH_WALK_BENEATH || ++w->links > PATH_LINKS_MAX ||
		walk_is_magic(walk_fd(w), text))
		return err_errno(ELOOP);
	memmove(w->rest + (size_t)len + between, w->rest, rest + 1);
	if (between)
		w->rest[len] = '/';
	memcpy(w->rest, text, (size_t)len);
	if (text[0] == '/') {
		w->done[0] = '\0';
		walk_move(w, -1);
	}
	return 0;
}

/* Make cur/name with exactly that mode, unless another process has just made it. */
static int walk_make(const struct walk *w, const char *name)
{
	auto_fd fd = -1;

	if (mkdirat(walk_fd(w), name, w->make_mode) < 0)
		return errno == EEXIST ? 0 : -1;
	fd = openat(walk_fd(w), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	return fchmod(fd, w->make_mode); /* mkdir(2) applies the umask */
}

/* A component that must be a directory: enter it, or follow the link. */
static int walk_enter(struct walk *w, const char *name, bool slash)
{
	int fd = openat(walk_fd(w), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT && w->make) {
		if (walk_make(w, name) < 0)
			return -1;
		fd = openat(walk_fd(w), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return walk_push(w, name, fd);
	fd_closep(&fd);
	if (walk_follow(w, name, slash) == 0)
		return 0;
	if (errno == EINVAL)
		errno = ENOTDIR; /* neither directory nor link */
	return -1;
}

/*
 * The last component.  Returns the descriptor; -1 with errno; or -2 for a link whose target is in
 * rest. With O_NOFOLLOW a link gives ELOOP, with O_DIRECTORY too ENOTDIR, and O_PATH opens the link
 * itself, open(2).
 */
static int walk_last(struct walk *w, const char *name, int flags, mode_t mode)
{
	auto_fd fd = openat(walk_fd(w), name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	bool follow = !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
	int saved = errno;
	struct stat st;

	if (fd >= 0) {
		if (!follow || !(flags & O_PATH) || fstat(fd, &st) < 0 || !S_ISLNK(st.st_mode))
			return fd_take(&fd);
	} else if (!follow || (errno != ELOOP && errno != ENOTDIR)) {
		return -1;
	}
	if (walk_follow(w, name, false) == 0)
		return -2;
	if (errno == EINVAL)
		errno = saved; /* not a link: the ENOTDIR of openat(2) */
	return -1;
}

/* Resolve all but the last component, which is then in name, and its parent in cur.  name is ""
 * if all is resolved. */
static int walk_to_last(struct walk *w, char *name)
{
	for (;;) {
		bool last, slash;
		int len = walk_next(w, name, &last, &slash);

		if (len <= 0)
			return len;
		if (strcmp(name, ".") == 0) {
			name[0] = '\0';
			if (last)
				return 0;
			continue;
		}
		if (strcmp(name, "..") == 0) {
			if (walk_up(w) < 0)
				return -1;
		} else if (last && !slash && !w->to_dir) {
			return 0;
		} else if (walk_enter(w, name, slash) < 0) {
			return -1;
		}
		name[0] = '\0';
		if (!w->rest[0])
			return 0;
	}
}

static int walk_open(struct walk *w, const char *path, int flags, mode_t mode)
{
	char name[PATH_NAME_MAX + 1];

	if (walk_init(w, path) < 0)
		return -1;
	for (;;) {
		int fd;

		if (walk_to_last(w, name) < 0)
			return -1;
		if (!name[0]) {
			if (flags & O_CREAT)
				return err_errno(flags & O_EXCL ? EEXIST : EISDIR);
			return openat(walk_fd(w), ".", flags | O_CLOEXEC);
		}
		fd = walk_last(w, name, flags, mode);
		if (fd != -2)
			return fd;
	}
}

int path_walk_open(enum path_walk_mode how, int dirfd, const char *path, int flags, mode_t mode)
{
	__attribute__((
		cleanup(walk_done))) struct walk w = { .how = how, .root = dirfd, .cur = -1 };

	return walk_open(&w, path, flags, mode);
}

int path_walk_create(int rootfd, const char *path, mode_t mode, mode_t dir_mode)
{
	__attribute__((cleanup(walk_done))) struct walk w = { .how = PATH_WALK_IN_ROOT,
		.root = rootfd,
		.cur = -1,
		.make = true,
		.make_mode = dir_mode };

	/* O_NONBLOCK: a fifo may have come meanwhile. */
	return walk_open(&w, path, O_CREAT | O_RDONLY | O_NONBLOCK | O_NOCTTY, mode);
}

int path_walk_mkdirs(int rootfd, const char *path, mode_t mode)
{
	__attribute__((cleanup(walk_done))) struct walk w = { .how = PATH_WALK_IN_ROOT,
		.root = rootfd,
		.cur = -1,
		.make = true,
		.to_dir = true,
		.make_mode = mode };
	char name[PATH_NAME_MAX + 1];

	if (walk_init(&w, path) < 0 || walk_to_last(&w, name) < 0)
		return -1;
	return openat(walk_fd(&w), ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}
