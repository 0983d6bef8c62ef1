/*
 * meta: extended attributes while unpacking; modes and times of directories, and the record of
 * owners, at the end. Called by unpack/apply.c, unpack/merge.c and unpack/unpack.c.  Writes below
 * the work directory only, by descriptor.
 */
#include "unpack/meta.h"

#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/xattr.h"

static bool has_room(int fd)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) == 0 && fs.f_bavail > 1024;
}

static int set_xattr(struct unpack *u, int fd, const struct entry *n, const char *name,
	const void *value, size_t size, struct err *e)
{
	if (xattr_is_refused(name) || u->no_xattrs) {
		u->stats.xattrs++;
		return 0;
	}
	if (fsetxattr(fd, name, value, size, 0) == 0)
		return 0;
	switch (errno) {
	case ENOSPC: /* ext4 has one block for all attributes of a file, and says the same where the
			disk is full */
		if (!has_room(fd))
			return err_set(e, ENOSPC, "entry %s: extended attribute %s", n->path, name);
		u->stats.xattrs++;
		return 0;
	case ENOTSUP:
		if (strncmp(name, "user.", 5) == 0 && !u->no_xattrs) {
			log_note("the store's file system keeps no extended attributes; those of "
				 "the image are left out");
			u->no_xattrs = true;
		}
		u->stats.xattrs++;
		return 0;
	case EPERM:  /* security.capability without CAP_SETFCAP */
	case EINVAL: /* an ACL that names ids the user namespace lacks */
	case E2BIG:  /* larger than the file system keeps */
	case ERANGE:
		u->stats.xattrs++;
		return 0;
	default:
		return err_set(e, errno, "entry %s: extended attribute %s", n->path, name);
	}
}

int meta_xattrs(struct unpack *u, int fd, const struct entry *n, struct err *e)
{
	const char *name;
	const void *value;
	size_t size;

	if (archive_entry_xattr_reset(n->raw) == 0)
		return 0;
	while (archive_entry_xattr_next(n->raw, &name, &value, &size) == 0)
		if (name && set_xattr(u, fd, n, name, value, size, e) < 0)
			return -1;
	return 0;
}

void meta_owner(struct unpack *u, uint64_t ino, const struct entry *n)
{
	struct inode_meta *m;
	char device = n->kind == ENTRY_CHAR ? 'c' : n->kind == ENTRY_BLOCK ? 'b' : 0;

	if (!n->uid && !n->gid && !device && !inodes_get(&u->inodes, ino))
		return;
	m = inodes_put(&u->inodes, ino);
	m->uid = n->uid;
	m->gid = n->gid;
	m->device = device;
	m->major = n->major;
	m->minor = n->minor;
	u->stats.owners += n->uid || n->gid;
}

/* Owners are written for what is still there in the end, under the name it has then. */
static int write_owner(FILE *out, const struct inode_meta *m, const char *dir, const char *name)
{
	if (!out || !m || (!m->uid && !m->gid && !m->device))
		return 0;
	return fprintf(out, "%u %u %c %u %u %s%s%s%c", m->uid, m->gid, m->device ? m->device : '-',
		       m->major, m->minor, dir, *dir && *name ? "/" : "", name, '\0') < 0
		       ? -1
		       : 0;
}

/* List the directories below path, and write the owners of all that is in it. */
static int scan_dir(struct unpack *u, const char *path, struct arena *a, struct strv *dirs,
	FILE *owners, FILE *contents, struct err *e)
{
	int fd = path_open_beneath(u->rootfs, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	if (!d)
		return err_set(e, errno, "open %s", path);
	while ((errno = 0, entry = readdir(d))) {
		const char *name = entry->d_name;
		bool is_dir = entry->d_type == DT_DIR;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (entry->d_type == DT_UNKNOWN)
			is_dir = fstatat(dirfd(d), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
				 S_ISDIR(st.st_mode);
		if (write_owner(owners, inodes_get(&u->inodes, entry->d_ino), path, name) < 0)
			return err_set(e, errno, "write owners");
		if (contents && !is_dir &&
			contents_write(&u->contents, contents, dirfd(d), path, name, entry->d_ino,
				entry->d_type == DT_REG, e) < 0)
			return -1;
		if (is_dir)
			strv_add(a, dirs, arena_printf(a, "%s%s%s", path, *path ? "/" : "", name));
	}
	return errno ? err_set(e, errno, "read directory %s", path) : 0;
}

static int finish_dir(struct unpack *u, const char *path, FILE *contents, struct err *e)
{
	struct timespec times[2];
	struct inode_meta *m;
	struct stat st;
	auto_fd fd = path_open_beneath(u->rootfs, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "open %s", path);
	m = inodes_get(&u->inodes, st.st_ino);
	if (contents) {
		mode_t mode = m && m->is_dir ? m->mode : st.st_mode & 07777;

		if (content_write(
			    contents, &(struct content){ .type = 'd', .mode = mode }, "", path) < 0)
			return err_set(e, errno, "write contents");
	}
	if (!m || !m->is_dir)
		return 0;
	m->applied = true;
	if ((st.st_mode & 07777) != m->mode && fchmod(fd, m->mode) < 0)
		return err_set(e, errno, "mode of %s", path);
	times[0] = times[1] = m->mtime;
	if (m->has_mtime && futimens(fd, times) < 0)
		return err_set(e, errno, "time of %s", path);
	return 0;
}

/* Every directory that has a record must have been met, unless something was replaced or removed on
 * the way. */
static int check_all_applied(const struct unpack *u, struct err *e)
{
	if (u->n_trash > 0)
		return 0;
	for (size_t i = 0; i < u->inodes.room; i++) {
		const struct inode_meta *m = &u->inodes.slots[i];

		if (m->ino && m->is_dir && !m->applied) {
			(void)err_set(e, 0,
				"the store's file system changes inode numbers of directories");
			return err_hint(e, "put the store on another file system with --store");
		}
	}
	return 0;
}

static FILE *new_file(struct unpack *u, const char *name)
{
	auto_fd fd = path_open_beneath(u->work, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (out)
		(void)fd_take(&fd);
	return out;
}

int meta_finish(struct unpack *u, struct err *e)
{
	const bool owned = u->stats.owners || u->stats.devices;
	struct arena a = { 0 };
	struct strv dirs = { 0 };
	auto_file owners = owned ? new_file(u, "owners") : NULL;
	auto_file contents = u->record ? new_file(u, "contents") : NULL;
	int r = 0;

	if ((owned && !owners) || (u->record && !contents))
		return err_set(e, errno, "write owners and contents");
	strv_add_copy(&a, &dirs, "");
	for (size_t i = 0; i < dirs.n && r == 0; i++)
		r = scan_dir(u, dirs.v[i], &a, &dirs, owners, contents, e);
	/* Deepest first: a directory that its owner may not search any more must be the last of its
	 * branch. */
	for (size_t i = dirs.n; i > 0 && r == 0; i--)
		r = finish_dir(u, dirs.v[i - 1], contents, e);
	arena_done(&a);
	if (r == 0)
		r = check_all_applied(u, e);
	if (r == 0 && ((owners && fflush(owners) != 0) ||
			      (contents && (fflush(contents) != 0 || ferror(contents)))))
		return err_set(e, errno, "write owners and contents");
	return r;
}
