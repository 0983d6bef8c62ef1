/*
 * mounts: the plan's list of mounts, carried out in its order.
 * Touches the sandbox's mount namespace and the ephemeral root; opens the host's bind sources,
 * /proc and /sys.
 */
#include "root/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/mnt.h"
#include "root/dev.h"
#include "root/target.h"
#include "util/copy_tree.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/path.h"
#include "util/proc.h"
#include "util/sys.h"

#define MOUNTS_FILE_MODE 0644

/* One of the plan's mounts. */
struct mounts {
	const struct plan *p;
	const struct root *r;
	const struct plan_mount *m;
	const char *type; /* of a new file system */
	struct mnt_at at; /* its target; mounts_bind opens that itself */
};

/* O_DIRECTORY comes first, since O_PATH alone does not wake an automounter, open(2). */
static int mounts_open_source(const struct plan_mount *m, struct err *e)
{
	int fd = open(m->src, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOTDIR)
		fd = open(m->src, O_PATH | O_CLOEXEC);
	if (fd < 0 && m->device)
		return err_set(e, errno, "the device %s", m->src);
	if (fd >= 0)
		return fd;
	(void)err_set(e, errno, "the source %s of the mount on %s", m->src, m->dst);
	return e->code == ENOENT ? err_hint(e, "nothing is made on the host: make it first") : -1;
}

static int mounts_check_device(const struct plan_mount *m, int fd, struct err *e)
{
	struct stat st;

	if (!m->device)
		return 0;
	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "the device %s", m->src);
	return S_ISDIR(st.st_mode) || S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)
		       ? 0
		       : err_set(e, 0, "%s of the host is no device", m->src);
}

int mounts_check_sources(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n_mounts; i++) {
		auto_fd fd = -1;

		if (p->mounts[i].kind != MOUNT_BIND)
			continue;
		fd = mounts_open_source(&p->mounts[i], e);
		if ((fd < 0 || mounts_check_device(&p->mounts[i], fd, e) < 0) &&
			!p->mounts[i].optional)
			return -1;
	}
	return 0;
}

static int mounts_new(const struct mounts *c, struct err *e)
{
	return mnt_new(c->type, c->m->data, c->m->attr, &c->at, e);
}

static int mounts_bind(const struct mounts *c, struct err *e)
{
	auto_fd src = mounts_open_source(c->m, e);
	struct mnt_at at = c->at;
	auto_fd target = -1, mnt = -1;
	struct stat st;

	if (src < 0)
		return -1;
	if (fstat(src, &st) < 0)
		return err_set(e, errno, "%s", c->m->src);
	if (mounts_check_device(c->m, src, e) < 0)
		return -1;
	if (S_ISDIR(st.st_mode))
		target = (c->m->own ? target_own_dir : target_dir)(c->r->fd, c->m->dst, e);
	else
		target = (c->m->own ? target_own_file : target_file)(c->r->fd, c->m->dst, e);
	at.fd = target;
	if (target < 0)
		return -1;
	if (c->m->deep || !c->m->recursive)
		return mnt_bind(src, c->m->recursive, c->m->attr | c->m->rattr, &at, e);
	mnt = mnt_bind(src, true, c->m->rattr, &at, e);
	if (mnt >= 0 && c->m->attr && mnt_set(mnt, false, c->m->attr) < 0)
		return err_set(e, errno, "set the options of the mount");
	return fd_take(&mnt);
}

/*
 * A volume of the image: its content, writable even where the root is not.  The directory bound
 * onto itself is a mount of its own over the same overlay, and stays writable when the root's mount
 * turns read-only.  Without an overlay nothing below is writable, so it is a tmpfs and a copy.
 */
static int mounts_copy_up(const struct mounts *c, struct err *e)
{
	auto_fd mnt = -1;

	if (!c->r->underlay)
		return mnt_bind(c->at.fd, false, c->m->attr, &c->at, e);
	mnt = mounts_new(c, e);
	return mnt < 0 || copy_tree(c->at.fd, mnt, 0, NULL, e) < 0 ? -1 : fd_take(&mnt);
}

static int mounts_tmpfs(const struct mounts *c, struct err *e)
{
	return c->m->copy_up ? mounts_copy_up(c, e) : mounts_new(c, e);
}

/*
 * The kernel mounts a new procfs only where the caller's namespace has one that is fully visible,
 * user_namespaces(7): not inside a container with masked paths (EPERM).
 */
static int mounts_proc(const struct mounts *c, struct err *e)
{
	auto_fd mnt = mounts_new(c, e);

	if (mnt < 0) {
		auto_fd outer = e->code == EPERM ? proc_open_fs() : -1;

		/* where that does not help, e has the kernel's refusal */
		if (outer < 0)
			return -1;
		mnt = mnt_bind(outer, true, c->m->attr, &c->at, e);
		if (mnt < 0)
			return -1;
		log_note("the kernel refuses a new /proc here: the sandbox sees the outer one");
	}
	return proc_is_fs(mnt) ? fd_take(&mnt)
			       : err_set(e, 0, "the kernel mounted something else than a procfs");
}

static int mounts_sysfs(const struct mounts *c, struct err *e)
{
	auto_fd host = -1;
	int mnt = mounts_new(c, e);

	if (mnt >= 0 || e->code != EPERM)
		return mnt;
	host = open("/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return host < 0 ? err_set(e, errno, "/sys of the host")
			: mnt_bind(host, true, c->m->attr, &c->at, e);
}

/* A kernel without it: only a command with a terminal of its own needs it. */
static int mounts_devpts(const struct mounts *c, struct err *e)
{
	int mnt = mounts_new(c, e);

	if (mnt >= 0 || c->p->tty)
		return mnt;
	log_note("programs inside cannot open terminals: %s: %s", c->m->dst, e->msg);
	return fcntl(c->at.fd, F_DUPFD_CLOEXEC, 0);
}

static int mounts_dev(const struct mounts *c, struct err *e)
{
	auto_fd mnt = mounts_new(c, e);

	return mnt < 0 || dev_fill(mnt, c->r->dev, e) < 0 ? -1 : fd_take(&mnt);
}

/* The content is in the staging tmpfs, which only mounts of it keep alive after the pivot. */
static int mounts_file(const struct plan *p, const struct root *r, size_t i, struct err *e)
{
	/* As in Docker, the sandbox may write to its own copy unless its root is read-only. */
	const uint64_t attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
			      (p->read_only ? MOUNT_ATTR_RDONLY : 0);
	const struct plan_file *f = &p->files[i];
	auto_fd target = target_own_file(r->fd, f->dst, e);
	const struct mnt_at at = { .fd = target, .rootfd = r->fd, .path = f->dst };
	auto_fd file = -1, mnt = -1;
	char name[32];

	if (target < 0)
		return -1;
	(void)snprintf(name, sizeof(name), "files/%zu", i);
	file = openat(r->staging, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MOUNTS_FILE_MODE);
	if (file < 0 || fd_write_full(file, f->text, strlen(f->text)) < 0)
		return err_set(e, errno, "write the content");
	mnt = mnt_bind(file, false, attr, &at, e);
	return mnt < 0 ? -1 : 0;
}

/* sysfs has the directory.  Without a sysfs it is missing, and nothing is made for it. */
static int mounts_target_there(int rootfd, const char *path, struct err *e)
{
	int fd = path_open_in_root(rootfd, path, O_PATH | O_DIRECTORY, 0);

	return fd < 0 ? err_set(e, errno, "open the mount point") : fd;
}

/*
 * target opens the target and makes it if missing; make mounts.  Both return a descriptor that the
 * caller closes, or -1 with e.
 */
static const struct {
	int (*target)(int rootfd, const char *path, struct err *e);
	int (*make)(const struct mounts *c, struct err *e);
	const char *type;
} mounts_kinds[] = {
	[MOUNT_BIND] = { NULL, mounts_bind, NULL },
	[MOUNT_TMPFS] = { target_dir, mounts_tmpfs, "tmpfs" },
	[MOUNT_PROC] = { target_own_dir, mounts_proc, "proc" },
	[MOUNT_SYSFS] = { target_own_dir, mounts_sysfs, "sysfs" },
	[MOUNT_CGROUP] = { mounts_target_there, mounts_new, "cgroup2" },
	[MOUNT_DEVPTS] = { target_dir, mounts_devpts, "devpts" },
	[MOUNT_MQUEUE] = { target_dir, mounts_new, "mqueue" },
	[MOUNT_DEV] = { target_own_dir, mounts_dev, "tmpfs" },
	[MOUNT_OTHER] = { target_dir, mounts_new, NULL },
};

int mounts_make_one(
	const struct plan *p, const struct root *r, const struct plan_mount *m, struct err *e)
{
	auto_fd target = -1, mnt = -1;
	struct mounts c = { .p = p,
		.r = r,
		.m = m,
		.type = m->kind == MOUNT_OTHER ? m->type : mounts_kinds[m->kind].type,
		.at = { .rootfd = r->fd, .path = m->dst } };

	if (mounts_kinds[m->kind].target) {
		target = mounts_kinds[m->kind].target(r->fd, m->dst, e);
		if (target < 0)
			return err_wrap(e, "%s", m->dst);
		c.at.fd = target;
	}
	mnt = mounts_kinds[m->kind].make(&c, e);
	return mnt < 0 ? err_wrap(e, "%s", m->dst) : 0;
}

int mounts_make(const struct plan *p, const struct root *r, struct err *e)
{
	/*
	 * These come before any mount of the host's files, to which a link of the image could lead.
	 */
	for (size_t i = 0; i < p->n_files; i++)
		if (mounts_file(p, r, i, e) < 0)
			return err_wrap(e, "%s", p->files[i].dst);
	for (size_t i = 0; i < p->n_mounts; i++) {
		if (mounts_make_one(p, r, &p->mounts[i], e) == 0)
			continue;
		if (!p->mounts[i].optional)
			return -1;
		log_verbose("left out: %s", e->msg);
	}
	return 0;
}
