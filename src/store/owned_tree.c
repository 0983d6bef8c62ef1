/*
 * owned: the tree of an image with the owners that its layers recorded.
 * Reads rootfs/ and owners of an image's folder; writes below it, and hard links to rootfs/'s
 * files.
 */
#include "store/owned_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/owners.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/xattr.h"

#define OWNED_TREE_UNFINISHED OWNED_TREE_PREFIX "unfinished"

struct owned_tree {
	int from, to;
	struct owners owners;
	struct arena arena;
	struct strv dirs; /* to be visited, "" first */
	struct seen seen; /* files with several names that were copied: the others become links */
};

static int owned_tree_fail(const char *path, const struct owner *who, struct err *e)
{
	int code = errno;

	(void)err_set(e, code, "/%s of the image", path);
	/* user_namespaces(7): an id that is not mapped */
	if (who && code == EINVAL) {
		(void)err_set(e, 0, "/%s of the image belongs to %u:%u: no such ids here", path,
			who->uid, who->gid);
		return err_hint(e, "the ranges in /etc/subuid and /etc/subgid are too short");
	}
	return -1;
}

/* Owner, mode, attributes and times of what from has, onto to; chown(2) takes setuid bits away. */
static int owned_tree_attributes(
	int from, int to, const char *path, const struct owner *who, struct err *e)
{
	struct timespec times[2];
	struct stat st;

	if (fstat(from, &st) < 0)
		return owned_tree_fail(path, NULL, e);
	if ((who->uid || who->gid) && fchown(to, who->uid, who->gid) < 0)
		return owned_tree_fail(path, who, e);
	if (fchmod(to, st.st_mode & 07777) < 0)
		return owned_tree_fail(path, NULL, e);
	if (xattr_copy(from, to, e) < 0)
		return err_wrap(e, "/%s of the image", path);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	return futimens(to, times) < 0 ? owned_tree_fail(path, NULL, e) : 0;
}

static int owned_tree_copy_file(int from, int to, const char *name, const char *path,
	const struct owner *who, struct err *e)
{
	auto_fd in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd out = in < 0 ? -1 : openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (out < 0 || fd_copy(in, out) < 0)
		return owned_tree_fail(path, NULL, e);
	return owned_tree_attributes(in, out, path, who, e);
}

static int owned_tree_file(struct owned_tree *o, int from, int to, const char *name,
	const char *path, const struct stat *st, struct err *e)
{
	struct owner who = owners_of(&o->owners, path);
	const char *first;

	/* The same file; on a file system without links, or with too many, a copy does. */
	if (!who.uid && !who.gid && linkat(from, name, to, name, 0) == 0)
		return 0;
	first = st->st_nlink > 1 ? seen_before(&o->seen, st->st_ino, path) : NULL;
	if (first)
		return linkat(o->to, first, to, name, 0) < 0 ? owned_tree_fail(path, NULL, e) : 0;
	return owned_tree_copy_file(from, to, name, path, &who, e);
}

static int owned_tree_symlink(
	struct owned_tree *o, int from, int to, const char *name, const char *path, struct err *e)
{
	struct owner who = owners_of(&o->owners, path);
	char text[PATH_TEXT_MAX];
	ssize_t len = readlinkat(from, name, text, sizeof(text) - 1);

	if (len < 0)
		return owned_tree_fail(path, NULL, e);
	text[len] = '\0';
	if (symlinkat(text, to, name) < 0)
		return owned_tree_fail(path, NULL, e);
	return fchownat(to, name, who.uid, who.gid, AT_SYMLINK_NOFOLLOW) < 0
		       ? owned_tree_fail(path, &who, e)
		       : 0;
}

static int owned_tree_entry(
	struct owned_tree *o, int from, int to, const char *name, const char *dir, struct err *e)
{
	char *path = arena_printf(&o->arena, "%s%s%s", dir, *dir ? "/" : "", name);
	struct owner who = owners_of(&o->owners, path);
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return owned_tree_fail(path, NULL, e);
	if (S_ISDIR(st.st_mode)) {
		strv_add(&o->arena, &o->dirs, path);
		return mkdirat(to, name, 0700) < 0 ? owned_tree_fail(path, NULL, e) : 0;
	}
	if (S_ISREG(st.st_mode))
		return owned_tree_file(o, from, to, name, path, &st, e);
	if (S_ISLNK(st.st_mode))
		return owned_tree_symlink(o, from, to, name, path, e);
	/* fifos and sockets */
	if (mknodat(to, name, st.st_mode & (S_IFMT | 07777), 0) < 0 ||
		fchownat(to, name, who.uid, who.gid, AT_SYMLINK_NOFOLLOW) < 0)
		return owned_tree_fail(path, &who, e);
	return 0;
}

static int owned_tree_open(int root, const char *path)
{
	return path_open_beneath(root, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0);
}

static int owned_tree_dir(struct owned_tree *o, const char *path, struct err *e)
{
	int fd = owned_tree_open(o->from, path);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	auto_fd to = owned_tree_open(o->to, path);
	struct dirent *entry;

	if (!d || to < 0)
		return owned_tree_fail(path, NULL, e);
	while ((errno = 0, entry = readdir(d))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
			owned_tree_entry(o, fd, to, name, path, e) < 0)
			return -1;
	}
	return errno ? owned_tree_fail(path, NULL, e) : 0;
}

/* Last of all, the deepest first: filling a directory changes its time, and its mode may forbid it.
 */
static int owned_tree_finish_dir(struct owned_tree *o, const char *path, struct err *e)
{
	auto_fd from = owned_tree_open(o->from, path), to = owned_tree_open(o->to, path);
	struct owner who = owners_of(&o->owners, path);

	if (from < 0 || to < 0)
		return owned_tree_fail(path, NULL, e);
	return owned_tree_attributes(from, to, path, &who, e);
}

static int owned_tree_fill(struct owned_tree *o, int image, struct err *e)
{
	int r = 0;

	o->from = path_open_beneath(image, "rootfs", O_RDONLY | O_DIRECTORY, 0);
	o->to = path_open_beneath(image, OWNED_TREE_UNFINISHED, O_RDONLY | O_DIRECTORY, 0);
	if (o->from < 0 || o->to < 0)
		return err_set(e, errno, "the image's folder");
	if (owners_read(&o->owners, image, e) < 0)
		return -1;
	strv_add_copy(&o->arena, &o->dirs, "");
	for (size_t i = 0; i < o->dirs.n && r == 0; i++)
		r = owned_tree_dir(o, o->dirs.v[i], e);
	for (size_t i = o->dirs.n; i > 0 && r == 0; i--)
		r = owned_tree_finish_dir(o, o->dirs.v[i - 1], e);
	return r;
}

int owned_tree_make(int image, const char *name, struct err *e)
{
	struct owned_tree o = { .from = -1, .to = -1 };
	int r = 0;

	if (path_remove_tree(image, OWNED_TREE_UNFINISHED) < 0 ||
		mkdirat(image, OWNED_TREE_UNFINISHED, 0700) < 0)
		return err_set(e, errno, "the image's folder");
	o.seen.arena = &o.arena;
	r = owned_tree_fill(&o, image, e);
	/* The image's record vouches for rootfs/ only: this must be safe before it has its name. */
	if (r == 0 && syncfs(image) < 0)
		r = err_set(e, errno, "the image's folder");
	if (r == 0 && renameat(image, OWNED_TREE_UNFINISHED, image, name) < 0)
		r = err_set(e, errno, "the image's folder");
	if (r < 0)
		(void)path_remove_tree(image, OWNED_TREE_UNFINISHED);
	fd_closep(&o.from);
	fd_closep(&o.to);
	arena_done(&o.arena);
	owners_done(&o.owners);
	return r;
}

/* The first such tree's name, in buf; false where there is none. */
static bool owned_tree_find(int image, char *buf, size_t size)
{
	int fd = openat(image, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (strncmp(entry->d_name, OWNED_TREE_PREFIX, strlen(OWNED_TREE_PREFIX)) == 0)
			return (size_t)snprintf(buf, size, "%s", entry->d_name) < size;
	return false;
}

bool owned_tree_is_there(int image)
{
	char name[256];

	return owned_tree_find(image, name, sizeof(name));
}

int owned_tree_remove(int image, struct err *e)
{
	char name[256];

	while (owned_tree_find(image, name, sizeof(name)))
		if (path_remove_tree(image, name) < 0)
			return err_set(e, errno, "remove %s", name);
	return 0;
}
