/*
 * entry: turns the tar library's header into a struct entry, or refuses it by name.
 * Touches memory only.
 */
#include "unpack/entry.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#define MARK ".wh."
#define MARK_OPAQUE ".wh..wh..opq"
#define MARK_META ".wh..wh."

int entry_error(struct err *e, const struct entry *n, int code)
{
	return err_set(e, code, "entry %s", n->path);
}

/* Files that formats for lazy pulling (eStargz) add to the root of a layer. */
static bool entry_is_bookkeeping(const char *path)
{
	return strcmp(path, "stargz.index.json") == 0 || strcmp(path, ".prefetch.landmark") == 0 ||
	       strcmp(path, ".no.prefetch.landmark") == 0;
}

static int entry_read_kind(struct entry *n, struct err *e)
{
	if (archive_entry_hardlink(n->raw)) {
		n->kind = ENTRY_HARDLINK;
		return 0;
	}
	switch (archive_entry_filetype(n->raw)) {
	case AE_IFREG:
		n->kind = ENTRY_FILE;
		return 0;
	case AE_IFDIR:
		n->kind = ENTRY_DIR;
		return 0;
	case AE_IFLNK:
		n->kind = ENTRY_SYMLINK;
		return 0;
	case AE_IFIFO:
		n->kind = ENTRY_FIFO;
		return 0;
	case AE_IFCHR:
		n->kind = ENTRY_CHAR;
		return 0;
	case AE_IFBLK:
		n->kind = ENTRY_BLOCK;
		return 0;
	default:
		return err_set(e, 0, "entry %s: unknown type", n->path);
	}
}

/*
 * Read the meaning of a name that begins with ".wh.".  AUFS's own files in the root are unpacked
 * like any other, and dropped later.
 */
static int entry_read_marker(struct entry *n, struct err *e)
{
	const char *hidden = n->name + strlen(MARK);

	if (strncmp(n->path, MARK_META, strlen(MARK_META)) == 0 &&
		strcmp(n->path, MARK_OPAQUE) != 0)
		return 0;
	for (const char *p = n->path; p < n->name; p = strchr(p, '/') + 1)
		if (strncmp(p, MARK, strlen(MARK)) == 0)
			return err_set(e, 0, "entry %s: is below a whiteout", n->path);
	if (strncmp(n->name, MARK, strlen(MARK)) != 0)
		return 0;
	if (strcmp(n->name, MARK_OPAQUE) == 0) {
		n->kind = ENTRY_OPAQUE;
		n->path[n->parent_len] = '\0';
		return 0;
	}
	if (hidden[0] == '\0' || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return err_set(e, 0, "entry %s: whiteout with an invalid target", n->path);
	n->kind = ENTRY_WHITEOUT;
	n->name = hidden;
	return 0;
}

static int entry_read_links(struct entry *n, struct err *e)
{
	const char *target;

	if (n->kind == ENTRY_SYMLINK) {
		target = archive_entry_symlink(n->raw);
		if (!target || !*target)
			return err_set(e, 0, "entry %s: symlink without a target", n->path);
		if (strlen(target) >= sizeof(n->link))
			return err_set(e, ENAMETOOLONG, "entry %s: the symlink's target", n->path);
		memcpy(n->link, target, strlen(target) + 1);
	}
	if (n->kind == ENTRY_HARDLINK) {
		target = archive_entry_hardlink(n->raw);
		if (path_clean(target, n->link, sizeof(n->link)) < 0)
			return errno == EXDEV
				       ? err_set(e, 0, "entry %s: hard link out of the root: %s",
						 n->path, target)
				       : err_set(e, errno, "entry %s: hard link to %s", n->path,
						 target);
		if (!n->link[0])
			return err_set(e, 0, "entry %s: hard link to the root", n->path);
	}
	return 0;
}

/*
 * As the kernel takes it from other tools: the low 32 bits, and (uid_t)-1 means "no change",
 * chown(2): the files of root stay root's.
 */
static uint32_t entry_id(la_int64_t id)
{
	return (uint32_t)id == UINT32_MAX ? 0 : (uint32_t)id;
}

static int entry_read_path(struct entry *n, struct err *e)
{
	const char *name = archive_entry_pathname(n->raw);

	if (!name)
		return err_set(e, 0, "entry without a name");
	if (path_clean(name, n->path, sizeof(n->path)) < 0)
		return errno == EXDEV ? err_set(e, 0, "entry %s: leaves the root", name)
				      : err_set(e, errno, "entry %.300s", name);
	n->parent_len = path_split(n->path, &n->name);
	if (!n->path[0] && archive_entry_filetype(n->raw) != AE_IFDIR)
		return err_set(e, 0, "entry %s: the root can only be a directory", name);
	return 0;
}

/*
 * libarchive 3.7.4, pax_time(), adds the fraction of a negative pax time instead of subtracting it:
 * "-1.5" becomes -0.5.  Only pax has fractions.  The sign of "-0.5" is lost there.
 */
static struct timespec entry_read_mtime(struct archive_entry *raw)
{
	struct timespec t = { archive_entry_mtime(raw), archive_entry_mtime_nsec(raw) };

	if (t.tv_sec < 0 && t.tv_nsec > 0) {
		t.tv_sec--;
		t.tv_nsec = 1000000000 - t.tv_nsec;
	}
	return t;
}

int entry_read(struct entry *n, struct archive_entry *raw, struct err *e)
{
	n->raw = raw;
	n->link[0] = '\0';
	if (entry_read_path(n, e) < 0 || entry_read_kind(n, e) < 0 || entry_read_marker(n, e) < 0 ||
		entry_read_links(n, e) < 0)
		return -1;
	n->uid = entry_id(archive_entry_uid(raw));
	n->gid = entry_id(archive_entry_gid(raw));
	if (entry_is_bookkeeping(n->path))
		n->kind = ENTRY_SKIP;
	n->mode = archive_entry_perm(raw) & 07777;
	n->major = (uint32_t)archive_entry_rdevmajor(raw);
	n->minor = (uint32_t)archive_entry_rdevminor(raw);
	n->has_mtime = archive_entry_mtime_is_set(raw);
	n->mtime = entry_read_mtime(raw);
	n->size = archive_entry_size_is_set(raw) ? archive_entry_size(raw) : 0;
	if (n->size < 0)
		return err_set(e, 0, "entry %s: negative size", n->path);
	return 0;
}
