/*
 * underlay: the root where no overlay can be mounted.
 * Called by root.c.
 * Touches the sandbox's mount namespace; reads the image's directories.
 */
#include "runtime/underlay.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/mnt.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/sys.h"

#define UNDERLAY_OPEN_MAX 512 /* directories made anew: mount targets times their depth */
#define UNDERLAY_DEPTH_MAX 64

/* Directories of the image that must not be bound, by identity: their names may lead through links.
 */
struct underlay_dir {
	dev_t dev;
	ino_t ino;
};

struct underlay {
	const struct plan *p;
	struct root *r;
	int lower;
	size_t n;
	struct underlay_dir open[UNDERLAY_OPEN_MAX];
	char path[PATH_TEXT_MAX]; /* of the directory that is being filled, in the root */
};

static bool underlay_is_open(const struct underlay *u, const struct stat *st)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->open[i].ino == st->st_ino && u->open[i].dev == st->st_dev)
			return true;
	return false;
}

/* Note dir and all directories above it, up to the image's root.  dir was resolved inside, so it
 * has one. */
static int underlay_note(struct underlay *u, int dir, struct err *e)
{
	auto_fd at = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st, top;

	if (at < 0 || fstat(u->lower, &top) < 0)
		return err_set(e, errno, "open a directory of the image");
	for (;;) {
		int up;

		if (fstat(at, &st) < 0)
			return err_set(e, errno, "read a directory of the image");
		if (underlay_is_open(u, &st) ||
			(st.st_ino == top.st_ino && st.st_dev == top.st_dev))
			return 0;
		if (u->n == UNDERLAY_OPEN_MAX)
			return err_set(e, 0, "too many mounts for a root without overlay");
		u->open[u->n++] = (struct underlay_dir){ .dev = st.st_dev, .ino = st.st_ino };
		up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up < 0)
			return err_set(e, errno, "open a directory of the image");
		fd_closep(&at);
		at = up;
	}
}

/* Can this be mounted onto as it is?  Otherwise it has to be made, in its deepest directory that
 * exists. */
static bool underlay_has_target(const struct underlay *u, const char *path, bool any_kind)
{
	auto_fd fd = path_open_in_root(u->lower, path, O_PATH, 0);
	auto_fd link = path_open_in_root(u->lower, path, O_PATH | O_NOFOLLOW, 0);
	struct stat st, own;

	if (fd < 0 || link < 0 || fstat(fd, &st) < 0 || fstat(link, &own) < 0)
		return false;
	return any_kind || S_ISDIR(own.st_mode) || S_ISREG(own.st_mode);
}

static int underlay_want(struct underlay *u, const char *dst, bool any_kind, struct err *e)
{
	char path[PATH_TEXT_MAX];

	if (path_clean(dst, path, sizeof(path)) < 0)
		return err_set(e, errno, "mount on %s", dst);
	if (underlay_has_target(u, path, any_kind))
		return 0;
	while (path[0]) {
		const char *name;
		size_t parent = path_split(path, &name);
		auto_fd dir = -1;

		path[parent] = '\0';
		dir = path_open_in_root(u->lower, path, O_PATH | O_DIRECTORY, 0);
		if (dir >= 0)
			return underlay_note(u, dir, e);
	}
	return 0;
}

static int underlay_want_all(struct underlay *u, struct err *e)
{
	const struct plan *p = u->p;

	for (size_t i = 0; i < p->n_mounts; i++)
		if (underlay_want(u, p->mounts[i].dst, p->mounts[i].kind == MOUNT_BIND, e) < 0)
			return -1;
	return underlay_want(u, p->cwd, true, e);
}

static int underlay_bind(
	struct underlay *u, int to, int src, const char *name, mode_t type, struct err *e)
{
	int made = S_ISDIR(type) ? mkdirat(to, name, 0755) : mknodat(to, name, S_IFREG | 0644, 0);
	auto_fd target = made < 0 ? -1 : openat(to, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct mnt_at at = { .fd = target, .rootfd = to, .path = name };
	auto_fd mnt = -1;

	if (target < 0)
		return err_set(e, errno, "make %s/%s", u->path, name);
	mnt = mnt_bind(src, false, MOUNT_ATTR_RDONLY, &at, e);
	return mnt < 0 ? err_wrap(e, "%s/%s of the image", u->path, name) : 0;
}

static int underlay_link(struct underlay *u, int to, int src, const char *name, struct err *e)
{
	char text[PATH_TEXT_MAX];
	ssize_t len = readlinkat(src, "", text, sizeof(text) - 1);

	if (len < 0)
		return err_set(e, errno, "read the link %s/%s", u->path, name);
	text[len] = '\0';
	return symlinkat(text, to, name) < 0
		       ? err_set(e, errno, "make the link %s/%s", u->path, name)
		       : 0;
}

static int underlay_fill(struct underlay *u, int from, int to, unsigned depth, struct err *e);

static int underlay_descend(struct underlay *u, int to, int src, const char *name, mode_t mode,
	unsigned depth, struct err *e)
{
	size_t len = strlen(u->path);
	auto_fd dir = -1;

	if (depth == UNDERLAY_DEPTH_MAX || len + strlen(name) + 2 > sizeof(u->path))
		return err_set(e, ENAMETOOLONG, "%s/%s", u->path, name);
	if (mkdirat(to, name, mode & 07777) < 0)
		return err_set(e, errno, "make %s/%s", u->path, name);
	dir = openat(to, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return err_set(e, errno, "open %s/%s", u->path, name);
	(void)snprintf(u->path + len, sizeof(u->path) - len, "/%s", name);
	if (underlay_fill(u, src, dir, depth + 1, e) < 0)
		return -1;
	u->path[len] = '\0';
	return 0;
}

static int underlay_entry(
	struct underlay *u, int from, int to, const char *name, unsigned depth, struct err *e)
{
	auto_fd src = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (src < 0 || fstat(src, &st) < 0)
		return err_set(e, errno, "open %s/%s of the image", u->path, name);
	if (S_ISLNK(st.st_mode))
		return underlay_link(u, to, src, name, e);
	if (S_ISDIR(st.st_mode) && underlay_is_open(u, &st))
		return underlay_descend(u, to, src, name, st.st_mode, depth, e);
	return underlay_bind(u, to, src, name, st.st_mode, e);
}

static int underlay_fill(struct underlay *u, int from, int to, unsigned depth, struct err *e)
{
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return err_set(e, errno, "read the image's directory %s/", u->path);
	for (struct dirent *entry; (entry = readdir(d));) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
			underlay_entry(u, from, to, name, depth, e) < 0)
			return -1;
	}
	return 0;
}

/* Most programs want to write here; the plan's own mounts may still cover it. */
static int underlay_scratch(struct root *r, struct err *e)
{
	static const struct {
		const char *path, *options;
	} dirs[] = { { "tmp", "mode=1777" }, { "var/tmp", "mode=1777" }, { "run", "mode=0755" } };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		auto_fd dir = path_open_in_root(r->fd, dirs[i].path, O_PATH | O_DIRECTORY, 0);
		struct mnt_at at = { .fd = dir, .rootfd = r->fd, .path = dirs[i].path };
		auto_fd mnt = -1;

		if (dir < 0)
			continue;
		mnt = mnt_new(
			"tmpfs", dirs[i].options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &at, e);
		if (mnt < 0)
			return err_wrap(e, "/%s", dirs[i].path);
	}
	return 0;
}

int underlay_make(struct root *r, const struct plan *p, int lower, struct err *e)
{
	struct underlay u = { .p = p, .r = r, .lower = lower };
	auto_fd target = openat(r->staging, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mnt_at at = { .fd = target, .rootfd = r->staging, .path = "root" };
	char options[32];
	struct stat st;

	if (target < 0 || fstat(lower, &st) < 0)
		return err_set(e, errno, "prepare the root file system");
	(void)snprintf(options, sizeof(options), "mode=0%o", (unsigned)st.st_mode & 07777);
	r->underlay = true;
	r->fd = mnt_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &at, e);
	if (r->fd < 0 || underlay_want_all(&u, e) < 0 || underlay_fill(&u, lower, r->fd, 0, e) < 0)
		return err_wrap(e, "build a root without overlay");
	return underlay_scratch(r, e);
}
