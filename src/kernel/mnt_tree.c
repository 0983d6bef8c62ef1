/*
 * mnt tree: what is mounted below a mount, read from /proc/self/mountinfo.
 * Reads /proc/self; opens mount points below the descriptor it is given.
 */
#include "kernel/mnt_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/path.h"

#define MNT_TREE_TEXT_MAX \
	(16u << 20) /* of mountinfo; 100,000 mounts are the kernel's default limit */

struct mnt_line {
	int id, parent;
	char *point; /* decoded */
};

/* Blanks and backslashes stand as \ooo, proc(5). */
static void mnt_tree_decode(char *s)
{
	char *out = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
			s[3] >= '0' && s[3] <= '7') {
			*out++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime ...": id, parent, device, root, mount point.  Takes the line
 * off *text. */
static bool mnt_tree_next(char **text, struct mnt_line *l)
{
	char *line = strsep(text, "\n"), *field;

	if (!line || !*line)
		return false;
	field = strsep(&line, " ");
	l->id = (int)strtol(field, NULL, 10);
	field = strsep(&line, " ");
	l->parent = field ? (int)strtol(field, NULL, 10) : -1;
	(void)strsep(&line, " ");
	(void)strsep(&line, " ");
	l->point = strsep(&line, " ");
	if (l->point)
		mnt_tree_decode(l->point);
	return l->point;
}

static char *mnt_tree_text(void)
{
	auto_fd info = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	return info < 0 ? NULL : fd_read_all(info, MNT_TREE_TEXT_MAX, NULL);
}

/*
 * The id of the mount whose root fd is, the last of those on its path.  Not from fdinfo of proc(5):
 * before Linux 5.14 a process that is not dumpable may not read its own.
 */
static int mnt_tree_id(int fd)
{
	auto_free char *text = mnt_tree_text();
	char link[32], path[PATH_TEXT_MAX], *rest = text;
	ssize_t len = readlink(path_of_fd(link, sizeof(link), fd), path, sizeof(path) - 1);
	struct mnt_line l = { 0 };
	int id = -1;

	if (!text || len < 0)
		return -1;
	path[len] = '\0';
	while (mnt_tree_next(&rest, &l))
		if (strcmp(l.point, path) == 0)
			id = l.id;
	if (id < 0)
		errno = ENOTSUP;
	return id;
}

struct mnt_set_of_ids {
	int *ids;
	size_t n;
};

static bool mnt_tree_has(const struct mnt_set_of_ids *set, int id)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->ids[i] == id)
			return true;
	return false;
}

/* The text has the mount points as seen from the process's root; what follows the top one's leads
 * on from fd. */
static int mnt_tree_visit(
	int fd, const char *top, const char *point, int (*fn)(int mnt, void *arg), void *arg)
{
	size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
	auto_fd mnt = -1;

	if (strncmp(point, top, len) != 0 || point[len] != '/') {
		errno = EXDEV;
		return -1;
	}
	mnt = path_open_in_root(fd, point + len, O_PATH | O_NOFOLLOW, 0);
	return mnt < 0 ? -1 : fn(mnt, arg);
}

int mnt_tree_each(int fd, int (*fn)(int mnt, void *arg), void *arg)
{
	auto_free char *text = mnt_tree_text();
	auto_free int *ids = NULL;
	int top_id = mnt_tree_id(fd);
	struct mnt_set_of_ids below;
	struct mnt_line l = { 0 };
	const char *top = NULL;
	size_t lines = 1;
	char *rest = text;

	if (!text || top_id < 0)
		return -1;
	for (const char *s = text; (s = strchr(s, '\n')); s++)
		lines++;
	ids = calloc(lines + 1, sizeof(*ids));
	if (!ids)
		return -1;
	below = (struct mnt_set_of_ids){ .ids = ids, .n = 1 };
	ids[0] = top_id;
	/* A parent's line comes before its children's: the kernel lists mounts in the order of the
	 * mounting. */
	while (mnt_tree_next(&rest, &l)) {
		if (l.id == top_id) {
			top = l.point;
		} else if (mnt_tree_has(&below, l.parent)) {
			ids[below.n++] = l.id;
			if (!top || mnt_tree_visit(fd, top, l.point, fn, arg) < 0)
				return -1;
		}
	}
	return 0;
}
