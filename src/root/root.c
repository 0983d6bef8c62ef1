/*
 * root: the new root file system, from the unpacked image to the pivot.
 * Touches the mount namespace that it makes; reads the host's /dev/null; never writes to the image.
 */
#include "root/root.h"

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "kernel/mnt.h"
#include "root/fuse_overlayfs.h"
#include "root/hooks.h"
#include "root/mount_parents.h"
#include "root/no_overlay.h"
#include "util/copy_tree.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/path.h"
#include "util/sys.h"

/*
 * Relative, so that the overlay never parses the path of the store, which may have commas and
 * colons.
 */
#define ROOT_OVERLAY "lowerdir=lower,upperdir=upper,workdir=work"
#define ROOT_OVERLAY_DISK "lowerdir=lower,upperdir=disk/upper,workdir=disk/work"

#define ROOT_HOME_MODE 0755

/*
 * A descriptor of the old mount namespace cannot be the source of a mount in the new one, but the
 * working directory moves along with unshare, mount_namespaces(7).
 */
static int root_unshare(const struct host *h, struct err *e)
{
	int fd;

	if (fchdir(h->dir) < 0)
		return err_set(e, errno, "enter the unpacked image");
	if (unshare(CLONE_NEWNS) < 0)
		return err_set(e, errno, "create a mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		(void)err_set(e, errno, "make the mounts of the sandbox's user namespace private");
		return err_hint(e,
			"a security module (AppArmor) may forbid mounts in user namespaces: kernel.apparmor_restrict_unprivileged_userns");
	}
	fd = host_open_image(h);
	return fd < 0 ? err_set(e, errno, "open the unpacked image") : fd;
}

/* The source of masks and of /dev/null inside.  runc took it unchecked: CVE-2025-31133. */
static int root_open_null(int dev, struct err *e)
{
	auto_fd fd = openat(dev, "null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "open /dev/null of the host");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return err_set(e, 0, "/dev/null of the host is not the null device");
	return fd_take(&fd);
}

/*
 * The directory that launch/ made for what is written.  Its path leads there in this mount
 * namespace, too; only the caller could have put another directory of its own in its place.
 */
static int root_disk(struct root *r, const char *path, struct err *e)
{
	auto_fd dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd bound = -1;
	struct stat st;

	if (dir < 0 || fstat(dir, &st) < 0)
		return err_set(e, errno, "%s", path);
	if (st.st_uid != geteuid())
		return err_set(e, 0, "%s belongs to another user", path);
	bound = mnt_bind_on(r->staging, "disk", dir, false, 0, e);
	return bound < 0 ? err_wrap(e, "%s", path) : 0;
}

static int root_look(struct root *r, int lower, struct err *e)
{
	struct stat st, top;

	if (fstat(lower, &st) < 0 || stat("/", &top) < 0)
		return err_set(e, errno, "read the image's directory");
	r->own_user = st.st_uid == geteuid();
	r->own = r->own_user && st.st_gid == getegid();
	r->is_host = st.st_dev == top.st_dev && st.st_ino == top.st_ino;
	r->mode = st.st_mode & 07777;
	return 0;
}

/*
 * A tmpfs over the image's own directory, which exists for sure and is no longer needed by its
 * name.
 */
static int root_stage(struct root *r, const struct plan *p, const struct run_resources *res,
	int lower, struct err *e)
{
	static const char *const dirs[] = { "lower", "upper", "work", "root", "files", "empty",
		"disk" };
	struct mnt_at at = { .fd = lower };
	char options[64];

	(void)snprintf(options, sizeof(options), "mode=0700%s%s", p->scratch_size ? ",size=" : "",
		p->scratch_size ? p->scratch_size : "");
	r->staging = mnt_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, &at, e);
	if (r->staging < 0)
		return err_wrap(e, "prepare the root file system");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdirat(r->staging, dirs[i], 0755) < 0)
			return err_set(e, errno, "prepare the root file system");
	/* The root of an overlay looks like its upper directory. */
	if (r->mode != 0755 && fchmodat(r->staging, "upper", r->mode, 0) < 0)
		return err_set(e, errno, "prepare the root file system");
	return res->on_disk ? root_disk(r, res->upper_dir, e) : 0;
}

/* Whoever owns the files expects to change them; a shared image is the same for all. */
static void root_tell_others(const struct root *r)
{
	static const char text[] =
		"the image belongs to another user or group: most of it cannot be changed inside (--writable-copy makes a copy of it)";

	if (r->own_user)
		log_note("%s", text);
	else
		log_verbose("%s", text);
}

/*
 * The image may belong to another user (a site's, shared) or group (unpacked by other means in a
 * project's setgid directory).  That owner is not mapped, and a directory whose owner or group is
 * not mapped cannot be written to, whatever the capabilities, user_namespaces(7).  A directory of
 * the same name in upper/ is merged with it and gives it the caller's ownership, so that mount
 * targets can be made there.
 */
static int root_own_parents(const struct root *r, const struct plan *p, int lower, struct err *e)
{
	auto_fd upper = -1;
	struct mount_parents parents;

	if (r->own)
		return 0;
	upper = openat(
		r->staging, r->on_disk ? "disk/upper" : "upper", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (upper < 0)
		return err_set(e, errno, "open the upper directory");
	if (mount_parents_find(&parents, p, lower, e) < 0)
		return -1;
	/* Where programs write by themselves. */
	const char *const written[] = { "tmp", "var/tmp", "run", "root", p->home, p->cwd };
	for (size_t i = 0; i < sizeof(written) / sizeof(*written); i++)
		if (written[i] && mount_parents_add(&parents, lower, written[i], e) < 0)
			return -1;
	if (hooks_find_parents(&parents, p, lower, e) < 0)
		return -1;
	return mount_parents_make(&parents, lower, upper, e);
}

/*
 * Can the overlay keep its marks in trusted.*?  Only for root outside of any user namespace,
 * xattr(7).
 */
static bool root_is_trusted(const struct root *r)
{
	return setxattr(r->on_disk ? "disk/upper" : "upper", "trusted.sandbox", "", 0, 0) == 0;
}

static int root_overlay(struct root *r, int lower, struct err *e)
{
	auto_fd bound = mnt_bind_on(r->staging, "lower", lower, false, 0, e);
	char options[128];

	if (bound < 0)
		return err_wrap(e, "the image's directory (does it hold mounted file systems?)");
	r->bound = true;
	if (fchdir(r->staging) < 0)
		return err_set(e, errno, "enter the staging directory");
	(void)snprintf(options, sizeof(options), "%s%s",
		r->on_disk ? ROOT_OVERLAY_DISK : ROOT_OVERLAY,
		r->host_ids && root_is_trusted(r) ? "" : ",userxattr");
	r->fd = mnt_new_on(
		r->staging, "root", "overlay", options, r->host_ids ? MOUNT_ATTR_NODEV : 0, e);
	/* The kernel leaves it behind with mode 000, which stops whoever copies the store. */
	if (r->fd >= 0 && r->on_disk)
		(void)fchmodat(r->staging, "disk/work/work", 0700, 0);
	return r->fd;
}

/* launch/upper_dir.c finds this out, but does not know whether there is an overlay at all. */
static void root_tell_memory(void)
{
	log_note(
		"writes go to memory, where this kernel (before 6.6) cannot recreate a directory of the image after its removal: use --scratch DIR on a local disk");
}

/* The user did not ask for the disk, and the kernel refuses an overlay there: use memory. */
static int root_in_memory(struct root *r, const struct plan *p, int lower, struct err *e)
{
	r->on_disk = false;
	if (root_own_parents(r, p, lower, e) < 0 || root_overlay(r, lower, e) < 0)
		return -1;
	root_tell_memory();
	return 0;
}

/*
 * --writable-copy: copy the whole image to the directory that launch/ made and removes at the end.
 */
static int root_copy(struct root *r, const char *where, int lower, struct err *e)
{
	auto_fd dir = open(where, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd copy = -1;

	if (dir >= 0 && mkdirat(dir, "root", 0700) == 0)
		copy = openat(dir, "root", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (copy < 0)
		return err_set(e, errno, "%s", where);
	if (copy_tree(lower, copy, 0, NULL, e) < 0)
		return err_wrap(e, "--writable-copy: in %s", where);
	r->fd = mnt_bind_on(r->staging, "root", copy, false, MOUNT_ATTR_NODEV, e);
	return r->fd < 0 ? err_wrap(e, "%s", where) : 0;
}

static int root_no_overlay(struct root *r, const struct plan *p, int lower, struct err *e)
{
	r->underlay = true;
	r->fd = no_overlay_make(r->staging, p, lower, e);
	return r->fd < 0 ? -1 : 0;
}

/* There is no overlay, for this reason: take the next best, and say which in one line. */
static int root_without_overlay(struct root *r, const struct plan *p,
	const struct run_resources *res, int lower, const struct err *no_overlay, struct err *e)
{
	const struct fuse_overlayfs fuse = { r->staging, r->dev, r->on_disk,
		!p->map_helpers && !p->host_ids };
	struct err no_fuse;

	if (p->read_only) {
		log_verbose("no overlay file system here (%s)", no_overlay->msg);
		return root_no_overlay(r, p, lower, e);
	}
	r->fd = r->bound ? fuse_overlayfs_make(&fuse, &no_fuse)
			 : err_set(&no_fuse, 0, "nor " FUSE_OVERLAYFS_PROGRAM);
	if (r->fd >= 0) {
		log_note("no overlay file system here (%s): " FUSE_OVERLAYFS_PROGRAM
			 " of the host takes its place",
			no_overlay->msg);
		return 0;
	}
	if (p->writable_copy) {
		log_note(
			"no overlay file system here (%s; %s): the root is a copy of the image, removed at the end",
			no_overlay->msg, no_fuse.msg);
		return root_copy(r, res->upper_dir, lower, e);
	}
	if (root_no_overlay(r, p, lower, e) < 0)
		return -1;
	log_note(
		"no overlay file system here (%s; %s): the root is read-only, but /tmp, /var/tmp, /run and the like (--writable-copy makes a copy of the image)",
		no_overlay->msg, no_fuse.msg);
	return 0;
}

int root_make(struct root *r, const struct plan *p, const struct run_resources *res,
	const struct host *h, struct err *e)
{
	auto_fd lower = -1;
	struct err why;

	*r = (struct root){ .fd = -1, .staging = -1, .dev = -1, .null = -1 };
	lower = root_unshare(h, e);
	if (lower < 0)
		return -1;
	r->dev = host_open_dev(h);
	r->null = root_open_null(r->dev, e);
	r->on_disk = res->on_disk;
	r->host_ids = p->host_ids;
	if (r->null < 0 || root_look(r, lower, e) < 0 || root_stage(r, p, res, lower, e) < 0)
		return -1;
	if (!r->own && !p->host_ids) {
		if (p->writable_copy)
			return root_copy(r, res->upper_dir, lower, e);
		root_tell_others(r);
	}
	if (root_own_parents(r, p, lower, e) < 0)
		return -1;
	if (root_overlay(r, lower, &why) >= 0) {
		if (res->disk_first && !r->on_disk)
			root_tell_memory();
		return 0;
	}
	if (res->on_disk && !res->disk_first && !p->writable_copy) {
		*e = why;
		(void)err_wrap(e, "writes cannot go to %s", res->upper_dir);
		return err_hint(e,
			"an overlay needs a local file system there (ext4, xfs, btrfs, tmpfs), not NFS, Lustre or another overlay");
	}
	if (res->on_disk && root_in_memory(r, p, lower, &why) >= 0)
		return 0;
	return root_without_overlay(r, p, res, lower, &why, e);
}

/* '..' of the root reaches what is mounted over it, and nothing else does. */
static bool root_is_covered(const struct root *r)
{
	struct stat here, up;

	return fstat(r->fd, &here) == 0 && stat("..", &up) == 0 &&
	       (here.st_dev != up.st_dev || here.st_ino != up.st_ino);
}

/*
 * pivot_root(2) with "." twice puts the old root onto the new one, from where it is detached.  The
 * kernel's first root (an initramfs) cannot be moved (EINVAL).  There the staging mount is moved
 * over "/" instead: no path and no '..' reaches what "/" is mounted on, as with any first root.
 */
static int root_pivot(struct root *r, struct err *e)
{
	if (fchdir(r->fd) < 0)
		return err_set(e, errno, "enter the new root");
	if (sys_pivot_root(".", ".") < 0) {
		if (errno == EPERM) {
			(void)err_set(e, errno, "make the new root the root");
			return err_hint(
				e, "inside another container, its filter must allow pivot_root");
		}
		if (errno != EINVAL)
			return err_set(e, errno, "make the new root the root");
		if (fchdir(r->staging) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 ||
			chroot(".") < 0 || fchdir(r->fd) < 0 || sys_pivot_root(".", ".") < 0)
			return err_set(e, errno, "make the new root the root, over an initramfs");
	}
	if (umount2(".", MNT_DETACH) < 0)
		return err_set(e, errno, "detach the host's root");
	/* `run /`: that was the staging mount, which lay over the host's root. */
	while (r->is_host && root_is_covered(r))
		if (umount2("..", MNT_DETACH) < 0)
			return err_set(e, errno, "detach the host's root");
	return 0;
}

/*
 * runc was left by a working directory outside the root, for which getcwd(3) fails: CVE-2024-21626.
 */
static int root_chdir(int cwd, const char *path, struct err *e)
{
	char text[PATH_TEXT_MAX];

	if (fchdir(cwd) < 0)
		return err_set(e, errno, "enter the working directory %s", path);
	if (!getcwd(text, sizeof(text)) || text[0] != '/')
		return err_set(e, 0, "the working directory %s is not inside the root", path);
	return 0;
}

/* In a read-only volume, or with a file in the way, it cannot be made: it is left out. */
static void root_home(struct root *r, const struct plan *p)
{
	auto_fd home = p->home ? path_mkdirs_in_root(r->fd, p->home, ROOT_HOME_MODE) : -1;

	if (p->home && home < 0)
		log_verbose("the home directory %s cannot be made", p->home);
}

int root_enter(struct root *r, const struct plan *p, struct err *e)
{
	auto_fd cwd = path_mkdirs_in_root(r->fd, p->cwd, ROOT_CWD_MODE);

	if (cwd < 0)
		return err_set(e, errno, "make the working directory %s", p->cwd);
	root_home(r, p);
	if ((r->underlay || p->read_only) && mnt_set(r->fd, false, MOUNT_ATTR_RDONLY) < 0)
		return err_set(e, errno, "make the root read-only");
	if (root_pivot(r, e) < 0)
		return -1;
	return root_chdir(cwd, p->cwd, e);
}
