/*
 * meta: sets extended attributes, and records owners.
 * Writes to the given descriptor.
 */
#include "unpack/meta.h"

#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "util/log.h"
#include "util/xattr.h"

static bool meta_has_room(int fd)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) == 0 && fs.f_bavail > 1024;
}

static int meta_set_xattr(struct tables *t, int fd, const struct entry *n, const char *name,
	const void *value, size_t size, struct err *e)
{
	char kept[64];

	if (xattr_names_ids(name, value, size)) {
		(void)snprintf(kept, sizeof(kept), XATTR_KEPT "%s", name);
		name = kept;
	}
	if (xattr_is_refused(name) || t->no_xattrs) {
		t->stats.xattrs++;
		return 0;
	}
	if (fsetxattr(fd, name, value, size, 0) == 0)
		return 0;
	switch (errno) {
	case ENOSPC: /* also from ext4, if the attributes of a file do not fit in one block */
		if (!meta_has_room(fd))
			return err_set(e, ENOSPC, "entry %s: extended attribute %s", n->path, name);
		t->stats.xattrs++;
		return 0;
	case ENOTSUP:
		if (strncmp(name, "user.", 5) == 0 && !t->no_xattrs) {
			log_note(
				"the store's file system does not support extended attributes: those of the image are left out");
			t->no_xattrs = true;
		}
		t->stats.xattrs++;
		return 0;
	case EPERM:  /* security.capability without CAP_SETFCAP */
	case EINVAL: /* an ACL with ids that the user namespace does not have */
	case E2BIG:  /* larger than the file system allows */
	case ERANGE:
		t->stats.xattrs++;
		return 0;
	default:
		return err_set(e, errno, "entry %s: extended attribute %s", n->path, name);
	}
}

int meta_xattrs(struct tables *t, int fd, const struct entry *n, struct err *e)
{
	const char *name;
	const void *value;
	size_t size;

	if (archive_entry_xattr_reset(n->raw) == 0)
		return 0;
	while (archive_entry_xattr_next(n->raw, &name, &value, &size) == 0)
		if (name && meta_set_xattr(t, fd, n, name, value, size, e) < 0)
			return -1;
	return 0;
}

void meta_owner(struct tables *t, uint64_t ino, const struct entry *n)
{
	struct inode_meta *m;
	char device = n->kind == ENTRY_CHAR ? 'c' : n->kind == ENTRY_BLOCK ? 'b' : 0;

	if (!n->uid && !n->gid && !device && !tables_get(t, ino))
		return;
	m = tables_put(t, ino);
	m->uid = n->uid;
	m->gid = n->gid;
	m->device = device;
	m->major = n->major;
	m->minor = n->minor;
	t->stats.owners += n->uid || n->gid;
}
