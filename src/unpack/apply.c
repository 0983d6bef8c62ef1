/*
 * apply: puts one entry of a layer onto the stage: directory, symlink, hard link, fifo.  file.c
 * makes plain files.
 * Writes below the stage's descriptor only; every parent is resolved inside it.
 */
#include "unpack/apply.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/file.h"
#include "unpack/hardlinks.h"
#include "unpack/meta.h"
#include "unpack/whiteout.h"
#include "unpack/writer.h"
#include "util/fd.h"
#include "util/xattr.h"

/*
 * Remove the first component of path that exists but is not a directory and does not lead to one: a
 * file, or a symlink to a file or to itself.  Returns 1 if it removed one, 0 if there is none, -1
 * with e.
 */
static int apply_clear_blocking(struct stage *s, const char *path, struct err *e)
{
	char part[PATH_TEXT_MAX];

	for (const char *p = path; p; p = *p ? p : NULL) {
		size_t len = (size_t)(p - path) + strcspn(p, "/");
		struct stat st;
		const char *name;

		memcpy(part, path, len);
		part[len] = '\0';
		p = path + len + (path[len] == '/');
		auto_fd fd = path_open_in_root(s->fd, part, O_PATH, 0);
		if (fd < 0 && errno != ENOTDIR && errno != ELOOP)
			return 0;
		if (fd >= 0 && (fstat(fd, &st) < 0 || S_ISDIR(st.st_mode)))
			continue;
		auto_fd parent = stage_open_parent(s->fd, part, &name);
		if (parent < 0 || stage_trash(s, parent, name, e) < 0)
			return -1;
		/* The file already replaced whatever the lower layers have there. */
		whiteout_hide(s, part);
		return 1;
	}
	return 0;
}

/* Write out the queue if a directory of the path is still a queued file. */
static int apply_settle_parents(struct stage *s, const char *parent, struct err *e)
{
	for (const char *p = parent; *p; p += *p == '/') {
		p += strcspn(p, "/");
		if (writer_has(s->writer, parent, (size_t)(p - parent)))
			return writer_settle(s->writer, e);
	}
	return 0;
}

static int apply_open_parent(struct stage *s, const char *parent, struct err *e)
{
	int fd = path_open_beneath(s->fd, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0);

	s->straight = fd >= 0 || errno == ENOENT;
	if (fd >= 0)
		return fd;
	/* The queue knows its files by one path only, and this is another. */
	if (!s->straight && writer_settle(s->writer, e) < 0)
		return -1;
	for (int tries = 0; tries < 2; tries++) {
		fd = path_mkdirs_in_root(s->fd, parent, 0755);
		if (fd >= 0 || (errno != ENOTDIR && errno != ELOOP) ||
			apply_clear_blocking(s, parent, e) <= 0)
			break;
	}
	return fd;
}

static int apply_settle_and_enter(struct stage *s, const char *path, size_t len, struct err *e)
{
	char parent[PATH_TEXT_MAX];
	int fd;

	if (s->parent_fd >= 0 && strlen(s->parent) == len && memcmp(s->parent, path, len) == 0)
		return s->parent_fd;
	s->parent_fd = -1;
	memcpy(parent, path, len);
	parent[len] = '\0';
	if (apply_settle_parents(s, parent, e) < 0)
		return -1;
	fd = apply_open_parent(s, parent, e);
	if (fd < 0)
		return err_set(e, errno, "entry %s: parent directory", path);
	if (writer_set_dir(s->writer, fd, e) < 0)
		return -1;
	memcpy(s->parent, parent, len + 1);
	s->parent_fd = fd;
	return fd;
}

/* A second entry for the directory replaces everything that the first one set. */
static int apply_dir_xattrs(
	struct tables *t, int dir, const struct entry *n, bool again, struct err *e)
{
	auto_fd fd = -1;

	if (!again && archive_entry_xattr_count(n->raw) == 0)
		return 0;
	fd = openat(
		dir, n->name[0] ? n->name : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return entry_error(e, n, errno);
	if (again)
		xattr_clear(fd);
	return meta_xattrs(t, fd, n, e);
}

/* For the root's own entry the name is empty. */
static int apply_dir(struct stage *s, int dir, const struct entry *n, struct err *e)
{
	struct inode_meta *m;
	struct stat st;

	while (n->name[0] && mkdirat(dir, n->name, n->mode | 0700) < 0) {
		if (errno != EEXIST || fstatat(dir, n->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return entry_error(e, n, errno);
		if (S_ISDIR(st.st_mode))
			break;
		if (stage_clear(s, dir, n->name, n->path, e) < 0)
			return -1;
		whiteout_hide(s, n->path); /* as in apply_clear_blocking */
	}
	if (fstatat(dir, n->name, &st, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
		return entry_error(e, n, errno);
	m = tables_get(s->tables, st.st_ino);
	if (apply_dir_xattrs(s->tables, dir, n, m && m->is_dir, e) < 0)
		return -1;
	meta_owner(s->tables, st.st_ino, n);
	m = tables_put(s->tables, st.st_ino);
	m->is_dir = true;
	m->has_mtime = n->has_mtime;
	m->mode = n->mode;
	m->mtime = n->mtime;
	return 0;
}

static int apply_symlink_or_fifo(struct stage *s, int dir, const struct entry *n, struct err *e)
{
	const struct timespec times[2] = { n->mtime, n->mtime };
	struct stat st;

	while ((n->kind == ENTRY_FIFO ? mkfifoat(dir, n->name, n->mode)
				      : symlinkat(n->link, dir, n->name)) < 0)
		if (errno != EEXIST || stage_clear(s, dir, n->name, n->path, e) < 0)
			return entry_error(e, n, errno);
	/* Neither can have user.* attributes, xattr(7), and the other ones need privilege. */
	if (n->has_mtime && utimensat(dir, n->name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return entry_error(e, n, errno);
	if ((n->uid || n->gid) && fstatat(dir, n->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		meta_owner(s->tables, st.st_ino, n);
	return 0;
}

/*
 * The layer does not have the target, or has it only later; the end of the layer decides.  Until
 * then an empty file takes the name, so that later entries meet it as they would meet any file.
 */
static int apply_waiting_link(struct stage *s, int dir, const struct entry *n, struct err *e)
{
	struct stat st;
	auto_fd fd = stage_create(s, dir, n, 0600, e);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return entry_error(e, n, errno);
	hardlinks_add(s, n->path, n->link, st.st_ino);
	return 0;
}

/* Make the link.  The name may be the same file already, reached through another directory. */
static int apply_link(struct stage *s, int from, const char *name, uint64_t ino, int dir,
	const struct entry *n, struct err *e)
{
	struct stat st;

	while (linkat(from, name, dir, n->name, 0) < 0) {
		if (errno != EEXIST)
			return entry_error(e, n, errno);
		if (fstatat(dir, n->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_ino == ino)
			return 0;
		if (stage_clear(s, dir, n->name, n->path, e) < 0)
			return -1;
	}
	return 0;
}

/*
 * A link that comes with data, as pax(1) writes it: make the link, then write the data.  If the
 * layer has nothing to link to, the data makes it a file of its own.
 */
static int apply_hardlink(
	struct stage *s, int dir, const struct entry *n, struct archive *tar, struct err *e)
{
	const struct inode_meta *m;
	const char *name;
	struct stat st;
	auto_fd from = stage_open_parent(s->fd, n->link, &name);

	if (from < 0 || fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return stage_absent(n->path, e) < 0 ? -1
		       : n->size > 0		    ? file_make(s, dir, n, tar, e)
						    : apply_waiting_link(s, dir, n, e);
	m = tables_get(s->tables, st.st_ino);
	/* A directory that the layer does not list may be a symlink in the lower layers. */
	if (S_ISDIR(st.st_mode) && !(m && m->is_dir))
		return apply_waiting_link(s, dir, n, e);
	if (S_ISDIR(st.st_mode))
		return err_set(e, 0, "entry %s: hard link to a directory: %s", n->path, n->link);
	if (m && m->waiting && n->size > 0)
		return file_make(s, dir, n, tar, e);
	if (strcmp(n->link, n->path) != 0 && apply_link(s, from, name, st.st_ino, dir, n, e) < 0)
		return -1;
	/* The target may itself be a waiting link. */
	if (m && m->waiting && strcmp(n->link, n->path) != 0)
		hardlinks_add(s, n->path, s->links[m->waiting - 1].target, st.st_ino);
	return n->size > 0 && S_ISREG(st.st_mode) ? file_rewrite(s, dir, n, tar, e) : 0;
}

int apply_entry(struct stage *s, const struct entry *n, struct archive *tar, struct err *e)
{
	int dir;

	if (n->kind == ENTRY_SKIP)
		return 0;
	if (n->kind == ENTRY_WHITEOUT || n->kind == ENTRY_OPAQUE) {
		whiteout_add(s, n);
		return 0;
	}
	/* A hard link may lead to a queued file under any name. */
	if ((n->kind == ENTRY_HARDLINK || writer_has(s->writer, n->path, strlen(n->path))) &&
		writer_settle(s->writer, e) < 0)
		return -1;
	dir = apply_settle_and_enter(s, n->path, n->parent_len, e);
	if (dir < 0)
		return -1;
	switch (n->kind) {
	case ENTRY_FILE:
		return file_make(s, dir, n, tar, e);
	case ENTRY_DIR:
		return apply_dir(s, dir, n, e);
	case ENTRY_SYMLINK:
	case ENTRY_FIFO:
		return apply_symlink_or_fifo(s, dir, n, e);
	case ENTRY_HARDLINK:
		return apply_hardlink(s, dir, n, tar, e);
	case ENTRY_CHAR:
	case ENTRY_BLOCK:
		/*
		 * Devices need privilege, and sandbox does not use those of an image: an empty file
		 * keeps the name.
		 */
		s->tables->stats.devices++;
		return file_make(s, dir, n, NULL, e);
	case ENTRY_WHITEOUT:
	case ENTRY_OPAQUE:
	case ENTRY_SKIP:
		break;
	}
	return 0;
}
