/*
 * mount_parents: the directories of an image in which mount targets have to be made.
 * Reads the image's directories; makes directories below the one it is given.
 */
#include "root/mount_parents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"

bool mount_parents_has(const struct mount_parents *s, const struct stat *st)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->dirs[i].ino == st->st_ino && s->dirs[i].dev == st->st_dev)
			return true;
	return false;
}

/*
 * Note dir and all directories above it.  dir was resolved inside the image, so '..' ends at its
 * root.
 */
static int mount_parents_note(struct mount_parents *s, int image, int dir, struct err *e)
{
	auto_fd at = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat st, top;

	/* An overlay looks into it as the caller, too: what the caller may not enter stays closed. */
	if (at < 0 && errno == EACCES)
		return 0;
	if (at < 0 || fstat(image, &top) < 0)
		return err_set(e, errno, "open a directory of the image");
	for (;;) {
		int up;

		if (fstat(at, &st) < 0)
			return err_set(e, errno, "read a directory of the image");
		if (mount_parents_has(s, &st) ||
			(st.st_ino == top.st_ino && st.st_dev == top.st_dev))
			return 0;
		if (s->n == MOUNT_PARENTS_MAX)
			return err_set(e, 0, "too many mounts in directories that the image lacks");
		s->dirs[s->n].dev = st.st_dev;
		s->dirs[s->n++].ino = st.st_ino;
		up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up < 0)
			return err_set(e, errno, "open a directory of the image");
		fd_closep(&at);
		at = up;
	}
}

/* sandbox's own targets are never links (target.h); a volume's may be a link to something. */
static bool mount_parents_has_target(int image, const char *path, bool through_link)
{
	auto_fd fd = path_open_in_root(image, path, O_PATH, 0);
	auto_fd link = path_open_in_root(image, path, O_PATH | O_NOFOLLOW, 0);
	struct stat st;

	if (fd < 0 || link < 0 || fstat(link, &st) < 0)
		return false;
	return through_link || S_ISDIR(st.st_mode) || S_ISREG(st.st_mode);
}

/* Where a link in the image leads that something is mounted onto; what is no link stays. */
static void mount_parents_follow(int image, char *path)
{
	char joined[2 * PATH_TEXT_MAX];

	for (int links = 0; links < MOUNT_PARENTS_LINKS_MAX; links++) {
		auto_fd link = path_open_in_root(image, path, O_PATH | O_NOFOLLOW, 0);
		const char *name;
		int parent = (int)path_split(path, &name);
		ssize_t n = snprintf(joined, sizeof(joined), "%.*s/", parent, path);
		ssize_t len = link < 0 ? -1 : readlinkat(link, "", joined + n, PATH_TEXT_MAX - 1);

		if (len <= 0)
			return;
		joined[n + len] = '\0';
		if (path_clean_in_root(joined + (joined[n] == '/' ? n : 0), path, PATH_TEXT_MAX) <
			0)
			return;
	}
}

static int mount_parents_find_one(
	struct mount_parents *s, int image, const char *dst, bool through_link, struct err *e)
{
	char path[PATH_TEXT_MAX];

	if (path_clean(dst, path, sizeof(path)) < 0)
		return err_set(e, errno, "mount on %s", dst);
	if (mount_parents_has_target(image, path, through_link))
		return 0;
	if (through_link)
		mount_parents_follow(image, path);
	while (path[0]) {
		const char *name;
		size_t parent = path_split(path, &name);
		auto_fd dir = -1;

		path[parent] = '\0';
		dir = path_open_in_root(image, path, O_PATH | O_DIRECTORY, 0);
		if (dir >= 0)
			return mount_parents_note(s, image, dir, e);
	}
	return 0;
}

int mount_parents_add(struct mount_parents *s, int image, const char *path, struct err *e)
{
	auto_fd dir = path_open_in_root(image, path, O_PATH | O_DIRECTORY, 0);

	return dir < 0 ? 0 : mount_parents_note(s, image, dir, e);
}

/* Is a link at the target followed? */
static bool mount_parents_any_kind(const struct plan_mount *m)
{
	return m->kind == MOUNT_BIND && !m->own;
}

int mount_parents_find(struct mount_parents *s, const struct plan *p, int image, struct err *e)
{
	s->n = 0;
	for (size_t i = 0; i < p->n_mounts; i++)
		if (mount_parents_find_one(s, image, p->mounts[i].dst,
			    mount_parents_any_kind(&p->mounts[i]), e) < 0)
			return -1;
	for (size_t i = 0; i < p->n_files; i++)
		if (mount_parents_find_one(s, image, p->files[i].dst, false, e) < 0)
			return -1;
	if (p->home && mount_parents_find_one(s, image, p->home, true, e) < 0)
		return -1;
	return mount_parents_find_one(s, image, p->cwd, true, e);
}

static int mount_parents_make_level(
	const struct mount_parents *s, int from, int to, unsigned depth, struct err *e)
{
	const char *name;
	auto_names d;

	if (names_open(&d, from) < 0 || depth == MOUNT_PARENTS_DEPTH_MAX)
		return err_set(e, depth == MOUNT_PARENTS_DEPTH_MAX ? ENAMETOOLONG : errno,
			"read a directory of the image");
	while ((name = names_next(&d))) {
		auto_fd in = -1, out = -1;
		struct stat st;

		in = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (in < 0 || fstat(in, &st) < 0 || !S_ISDIR(st.st_mode) ||
			!mount_parents_has(s, &st))
			continue;
		bool there = mkdirat(to, name, st.st_mode & 07777) < 0 && errno == EEXIST;
		out = openat(to, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (out < 0 && there)
			continue;
		if (out < 0)
			return err_set(e, errno, "make the directory %s", name);
		if (mount_parents_make_level(s, in, out, depth + 1, e) < 0)
			return -1;
	}
	return 0;
}

int mount_parents_make(const struct mount_parents *s, int from, int to, struct err *e)
{
	return s->n ? mount_parents_make_level(s, from, to, 0, e) : 0;
}
