/*
 * no_overlay: the root where the kernel mounts no overlay.
 * Touches the sandbox's mount namespace; reads the image's directories.
 */
#include "root/no_overlay.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "kernel/mnt.h"
#include "root/mount_parents.h"
#include "util/copy_tree.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/names.h"
#include "util/path.h"
#include "util/sys.h"

#define NO_OVERLAY_COPY_MAX (16u << 20) /* bytes that may be copied for one writable directory */

struct no_overlay {
	struct mount_parents parents; /* not bound, but made */
	char path[PATH_TEXT_MAX];     /* of the directory that is being filled, in the root */
};

static int no_overlay_bind(
	struct no_overlay *u, int to, int src, const char *name, mode_t type, struct err *e)
{
	const uint64_t attr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
	int made = S_ISDIR(type) ? mkdirat(to, name, 0755) : mknodat(to, name, S_IFREG | 0644, 0);
	auto_fd mnt = -1;

	if (made < 0)
		return err_set(e, errno, "make %s/%s", u->path, name);
	mnt = mnt_bind_on(to, name, src, false, attr, e);
	/* What the host has mounted below it must come along, mount_namespaces(7): `run /`. */
	if (mnt < 0 && e->code == EINVAL)
		mnt = mnt_bind_on(to, name, src, true, attr, e);
	return mnt < 0 ? err_wrap(e, "%s/%s of the image", u->path, name) : 0;
}

static int no_overlay_link(struct no_overlay *u, int to, int src, const char *name, struct err *e)
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

static int no_overlay_fill(struct no_overlay *u, int from, int to, unsigned depth, struct err *e);

static int no_overlay_descend(struct no_overlay *u, int to, int src, const char *name, mode_t mode,
	unsigned depth, struct err *e)
{
	size_t len = strlen(u->path);
	auto_fd dir = -1;

	if (depth == MOUNT_PARENTS_DEPTH_MAX || len + strlen(name) + 2 > sizeof(u->path))
		return err_set(e, ENAMETOOLONG, "%s/%s", u->path, name);
	if (mkdirat(to, name, mode & 07777) < 0)
		return err_set(e, errno, "make %s/%s", u->path, name);
	dir = openat(to, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return err_set(e, errno, "open %s/%s", u->path, name);
	(void)snprintf(u->path + len, sizeof(u->path) - len, "/%s", name);
	if (no_overlay_fill(u, src, dir, depth + 1, e) < 0)
		return -1;
	u->path[len] = '\0';
	return 0;
}

static int no_overlay_entry(
	struct no_overlay *u, int from, int to, const char *name, unsigned depth, struct err *e)
{
	auto_fd src = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (src < 0 || fstat(src, &st) < 0)
		return err_set(e, errno, "open %s/%s of the image", u->path, name);
	if (S_ISLNK(st.st_mode))
		return no_overlay_link(u, to, src, name, e);
	if (S_ISDIR(st.st_mode) && mount_parents_has(&u->parents, &st))
		return no_overlay_descend(u, to, src, name, st.st_mode, depth, e);
	return no_overlay_bind(u, to, src, name, st.st_mode, e);
}

static int no_overlay_fill(struct no_overlay *u, int from, int to, unsigned depth, struct err *e)
{
	const char *name;
	auto_names d;

	(void)names_open(&d, from);
	while ((name = names_next(&d)))
		if (no_overlay_entry(u, from, to, name, depth, e) < 0)
			return -1;
	return errno ? err_set(e, errno, "read the image's directory %s/", u->path) : 0;
}

/*
 * Mount a tmpfs over the directory, with a copy of what the image has there if that is little.  A
 * directory that is in such a tmpfs already, not in a read-only mount of the image, is left as it
 * is: /var/run is a link to /run.
 */
static int no_overlay_cover(int root, const char *path, const char *options, struct err *e)
{
	auto_fd dir = path_open_in_root(root, path, O_PATH | O_DIRECTORY, 0);
	struct mnt_at at = { .fd = dir, .rootfd = root, .path = path };
	auto_fd mnt = -1;
	struct stat here, top;
	struct statvfs fs;
	char link[32];

	if (dir < 0 || fstat(dir, &here) < 0 || fstat(root, &top) < 0 || fstatvfs(dir, &fs) < 0 ||
		(!(fs.f_flag & ST_RDONLY) && here.st_dev != top.st_dev))
		return 0;
	mnt = mnt_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &at, e);
	if (mnt < 0)
		return err_wrap(e, "/%s", path);
	if (copy_tree(dir, mnt, NO_OVERLAY_COPY_MAX, NULL, e) == 0)
		return 0;
	log_verbose("/%s stays read-only: %s", path, e->msg);
	return umount2(path_of_fd(link, sizeof(link), mnt), MNT_DETACH) < 0
		       ? err_set(e, errno, "/%s", path)
		       : 0;
}

/* Most programs write here; the plan's own mounts may still cover it. */
static int no_overlay_scratch(int root, const struct plan *p, struct err *e)
{
	static const char *const dirs[] = { "tmp", "var/tmp", "run", "var/run", "var/lock",
		"var/log", "var/cache", "var/spool", "root" };
	const char *home = p->home;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (no_overlay_cover(root, dirs[i],
			    strstr(dirs[i], "tmp") ? "mode=1777" : "mode=0755", e) < 0)
			return -1;
	for (char *const *v = p->env; v && *v; v++)
		if (strncmp(*v, "HOME=/", 6) == 0)
			home = *v + 5;
	return home && home[strspn(home, "/")] ? no_overlay_cover(root, home, "mode=0755", e) : 0;
}

int no_overlay_make(int staging, const struct plan *p, int lower, struct err *e)
{
	struct no_overlay u = { .path = "" };
	auto_fd root = -1;
	char options[32];
	struct stat st;

	if (fstat(lower, &st) < 0)
		return err_set(e, errno, "prepare the root file system");
	(void)snprintf(options, sizeof(options), "mode=0%o", (unsigned)st.st_mode & 07777);
	root = mnt_new_on(
		staging, "root", "tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, e);
	if (root < 0 || mount_parents_find(&u.parents, p, lower, e) < 0 ||
		no_overlay_fill(&u, lower, root, 0, e) < 0)
		return err_wrap(e, "build a root without overlay");
	if (!p->read_only && no_overlay_scratch(root, p, e) < 0)
		return -1;
	return fd_take(&root);
}
