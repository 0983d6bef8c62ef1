/*
 * copy_tree: copies the contents of a directory.
 * Reads below one descriptor, writes below the other.
 */
#include "util/copy_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/seen.h"
#include "util/tree.h"
#include "util/xattr.h"

struct copy_tree {
	int from, top;	    /* both roots */
	int dir;	    /* the copy of the entry's directory */
	const char *parent; /* path of dir, the walk's own pointer */
	uint64_t max, bytes;
	const char *as; /* another name for the only entry; NULL: names stay */
	const struct copy_owners *owners;
	struct copy_task *task; /* there may be entries already; NULL: there are none */
	uid_t uid;		/* the caller's */
	gid_t gid;
	struct seen seen;
	struct arena arena;
	struct strv dirs; /* paths of the directories made so far */
};

/* What a message calls the source of path. */
static const char *copy_tree_source(struct copy_tree *c, const char *path)
{
	return arena_printf(&c->arena, "%s%s%s", c->task ? c->task->from : "",
		*path || !c->task ? "/" : "", path);
}

static int copy_tree_failed(struct copy_tree *c, const char *path, struct err *e)
{
	const int code = errno;

	return err_set(e, code, "copy %s", copy_tree_source(c, path));
}

/* The copy of path could not be made. */
static int copy_tree_not_made(struct copy_tree *c, const char *path, struct err *e)
{
	return c->task ? err_set(e, errno, "write %s%s%s", c->task->to, *path ? "/" : "", path)
		       : copy_tree_failed(c, path, e);
}

/* Put the owner that the copy shall have into st. */
static void copy_tree_want(const struct copy_tree *c, const char *path, struct stat *st)
{
	if (c->owners)
		c->owners->of(c->owners->arg, path, &st->st_uid, &st->st_gid);
}

/*
 * name NULL: fd itself.  An owner that is not mapped here gives EINVAL, user_namespaces(7).  Returns
 * 0, 1 if the entry does not get the owner, or -1 with e.
 */
static int copy_tree_chown(struct copy_tree *c, int fd, const char *name, const char *path,
	const struct stat *want, struct err *e)
{
	if (want->st_uid == c->uid && want->st_gid == c->gid)
		return 0;
	if (fchownat(fd, name ? name : "", want->st_uid, want->st_gid,
		    AT_SYMLINK_NOFOLLOW | (name ? 0 : AT_EMPTY_PATH)) == 0)
		return 0;
	if (c->owners && c->owners->loose)
		return 1;
	if (!c->owners && (errno == EINVAL || errno == EPERM || name))
		return 0;
	if (!c->owners || errno != EINVAL)
		return copy_tree_not_made(c, path, e);
	++*c->owners->lost;
	return 1;
}

/* The mode comes last: it may forbid writing, and chown(2) clears setuid bits. */
static int copy_tree_attributes(
	struct copy_tree *c, int from, int to, const char *path, struct err *e)
{
	mode_t bits = c->owners && c->owners->loose ? 01777 : 07777;
	struct timespec times[2];
	struct stat st;
	int lost;

	if (fstat(from, &st) < 0)
		return copy_tree_failed(c, path, e);
	copy_tree_want(c, path, &st);
	lost = copy_tree_chown(c, to, NULL, path, &st, e);
	if (lost < 0)
		return -1;
	if (lost)
		bits = 01777;
	if (xattr_copy(from, to, e) < 0 && e->code != EOPNOTSUPP)
		return err_wrap(e, "copy %s", copy_tree_source(c, path));
	if (c->owners && !c->owners->loose)
		xattr_restore(to);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	return fchmod(to, st.st_mode & bits) < 0 || futimens(to, times) < 0
		       ? copy_tree_not_made(c, path, e)
		       : 0;
}

static const char *copy_tree_name(const struct copy_tree *c, const struct tree_entry *w)
{
	return c->as ? c->as : w->name;
}

/* Remove what is in the way of an entry that is no directory. */
static int copy_tree_clear(struct copy_tree *c, const struct tree_entry *w, struct err *e)
{
	const char *name = copy_tree_name(c, w);
	struct stat st;

	if (!c->task || fstatat(c->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (st.st_dev == w->st.st_dev && st.st_ino == w->st.st_ino)
		return err_set(e, 0, "copy %s: it is its own copy", copy_tree_source(c, w->path));
	if (S_ISDIR(st.st_mode))
		return err_set(
			e, 0, "copy %s: a directory is in its place", copy_tree_source(c, w->path));
	return unlinkat(c->dir, name, 0) < 0 ? copy_tree_not_made(c, w->path, e) : 0;
}

static int copy_tree_dir(struct copy_tree *c, const struct tree_entry *w, struct err *e)
{
	struct stat st;

	if (mkdirat(c->dir, copy_tree_name(c, w), 0700) == 0)
		return 0;
	if (errno != EEXIST || !c->task ||
		fstatat(c->dir, copy_tree_name(c, w), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_tree_not_made(c, w->path, e);
	return S_ISDIR(st.st_mode) ? 0
				   : err_set(e, 0, "copy %s: what is in its place is no directory",
					     copy_tree_source(c, w->path));
}

static int copy_tree_file(
	struct copy_tree *c, const struct tree_entry *w, const struct stat *want, struct err *e)
{
	const char *earlier, *name = copy_tree_name(c, w);
	auto_fd in = -1, out = -1;

	/* Without hard links, or if the file has too many, make a copy. */
	if (c->owners && !c->owners->loose && !want->st_uid && !want->st_gid &&
		linkat(w->dir, w->name, c->dir, w->name, 0) == 0)
		return 0;
	earlier = seen_before(&c->seen, &w->st, w->path);
	if (earlier)
		return linkat(c->top, earlier, c->dir, name, 0) < 0
			       ? copy_tree_not_made(c, w->path, e)
			       : 0;
	c->bytes += (uint64_t)w->st.st_size;
	if (c->max && c->bytes > c->max)
		return err_set(e, EFBIG, "copy %s", copy_tree_source(c, w->path));
	in = openat(w->dir, w->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (in < 0)
		return copy_tree_failed(c, w->path, e);
	out = openat(c->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return copy_tree_not_made(c, w->path, e);
	if (fd_copy(in, out) < 0) {
		(void)copy_tree_not_made(c, w->path, e);
		(void)unlinkat(c->dir, name, 0); /* a part of a file looks like a file */
		return -1;
	}
	return copy_tree_attributes(c, in, out, w->path, e);
}

static int copy_tree_make_link(const struct copy_tree *c, const struct tree_entry *w)
{
	char text[PATH_TEXT_MAX];
	ssize_t len = readlinkat(w->dir, w->name, text, sizeof(text) - 1);

	if (len < 0)
		return -1;
	text[len] = '\0';
	return symlinkat(text, c->dir, copy_tree_name(c, w));
}

/* Is a signal pending that would end the caller?  The caller blocks all signals, and a user who
 * presses Ctrl-C must not wait for gigabytes. */
static bool copy_tree_is_stopped(void)
{
	sigset_t set;

	return sigpending(&set) == 0 &&
	       (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
		       sigismember(&set, SIGHUP) == 1 || sigismember(&set, SIGQUIT) == 1);
}

/* Go to the directory that gets the entry.  Inside a user namespace its owner could write to it, whatever its mode. */
static int copy_tree_enter(struct copy_tree *c, const struct tree_entry *w, struct err *e)
{
	struct stat st;

	if (w->parent != c->parent) {
		fd_closep(&c->dir);
		c->dir = path_open_beneath(c->top, w->parent, O_RDONLY | O_DIRECTORY, 0);
		c->parent = w->parent;
	}
	if (!c->task || !c->task->guard)
		return 0;
	if (fstat(c->dir, &st) == 0 && st.st_uid == c->uid && !(st.st_mode & 0200)) {
		errno = EACCES;
		return copy_tree_not_made(c, w->path, e);
	}
	return 0;
}

/* Only the host's root could make one, and the mounts of a sandbox would not let it be used. */
static int copy_tree_device(struct copy_tree *c, const struct tree_entry *w, struct err *e)
{
	if (!c->task)
		return 0;
	if (copy_tree_clear(c, w, e) < 0)
		return -1;
	c->task->devices++;
	return mknodat(c->dir, copy_tree_name(c, w), S_IFREG | (w->st.st_mode & 0777), 0) < 0
		       ? copy_tree_not_made(c, w->path, e)
		       : 0;
}

static int copy_tree_entry(const struct tree_entry *w, void *arg, struct err *e)
{
	const struct timespec times[] = { w->st.st_atim, w->st.st_mtim };
	struct copy_tree *c = arg;
	struct stat want = w->st;

	if (copy_tree_is_stopped())
		return err_set(e, EINTR, "copy %s", copy_tree_source(c, w->path));
	if (S_ISDIR(w->st.st_mode))
		strv_add_copy(&c->arena, &c->dirs, w->path);
	if (!w->parent)
		return 0; /* the caller made it */
	if (copy_tree_enter(c, w, e) < 0)
		return -1;
	copy_tree_want(c, w->path, &want);
	if (S_ISDIR(w->st.st_mode))
		return copy_tree_dir(c, w, e);
	if (S_ISCHR(w->st.st_mode) || S_ISBLK(w->st.st_mode))
		return copy_tree_device(c, w, e);
	if (copy_tree_clear(c, w, e) < 0)
		return -1;
	if (S_ISREG(w->st.st_mode))
		return copy_tree_file(c, w, &want, e);
	if (S_ISLNK(w->st.st_mode) ? copy_tree_make_link(c, w) < 0
				   : mknodat(c->dir, copy_tree_name(c, w),
					     w->st.st_mode & (S_IFMT | 07777), 0) < 0)
		return copy_tree_not_made(c, w->path, e);
	if (copy_tree_chown(c, c->dir, copy_tree_name(c, w), w->path, &want, e) < 0)
		return -1;
	return utimensat(c->dir, copy_tree_name(c, w), times, AT_SYMLINK_NOFOLLOW) < 0
		       ? copy_tree_not_made(c, w->path, e)
		       : 0;
}

/* Only when the directory is complete: a new entry changes its time, and its mode may forbid
 * one. */
static int copy_tree_finish_dir(struct copy_tree *c, const char *path, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	auto_fd from = path_open_beneath(c->from, path, flags, 0);
	auto_fd to = path_open_beneath(c->top, path, flags, 0);

	return from < 0 || to < 0 ? copy_tree_failed(c, path, e)
				  : copy_tree_attributes(c, from, to, path, e);
}

/* keep: the directory itself was there, and keeps its attributes. */
static int copy_tree_walk(struct copy_tree *c, bool keep, struct err *e)
{
	int r = tree_walk_called(c->from, c->task ? c->task->from : "", copy_tree_entry, c, e);

	/* Subdirectories before their parents; also of what could not be copied as a whole. */
	for (size_t i = c->dirs.n; i > (keep ? 1 : 0); i--) {
		struct err one;

		if (copy_tree_finish_dir(c, c->dirs.v[i - 1], &one) == 0 || r < 0)
			continue;
		*e = one;
		r = -1;
	}
	fd_closep(&c->dir);
	seen_done(&c->seen);
	arena_done(&c->arena);
	return r;
}

#define COPY_TREE_OF(from_fd, to_fd, who) \
	{ \
		.from = (from_fd), .top = (to_fd), .dir = -1, .owners = (who), .uid = geteuid(), \
		.gid = getegid() \
	}

int copy_tree(int from, int to, uint64_t max, const struct copy_owners *owners, struct err *e)
{
	struct copy_tree c = COPY_TREE_OF(from, to, owners);

	c.max = max;
	return copy_tree_walk(&c, false, e);
}

int copy_tree_over(int from, int to, struct copy_task *t, struct err *e)
{
	struct copy_tree c = COPY_TREE_OF(from, to, t->owners);

	c.task = t;
	return copy_tree_walk(&c, true, e);
}

int copy_tree_one(
	int from, const char *name, int to, const char *as, struct copy_task *t, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	struct tree_entry w = { .path = "", .dir = from, .parent = "", .name = name };
	struct copy_tree c = COPY_TREE_OF(-1, -1, t->owners);
	auto_fd in = -1, out = -1;
	bool keep = path_is_there(to, as);
	int r;

	c.task = t;
	c.as = as;
	c.parent = w.parent;
	c.dir = path_open_beneath(to, "", O_PATH | O_DIRECTORY, 0);
	if (c.dir < 0 || fstatat(from, name, &w.st, AT_SYMLINK_NOFOLLOW) < 0)
		r = copy_tree_failed(&c, "", e);
	else
		r = copy_tree_entry(&w, &c, e);
	if (r == 0 && S_ISDIR(w.st.st_mode)) {
		in = path_open_beneath(from, name, flags, 0);
		out = path_open_beneath(to, as, flags, 0);
		if (in < 0 || out < 0)
			r = copy_tree_failed(&c, "", e);
	}
	fd_closep(&c.dir);
	seen_done(&c.seen);
	arena_done(&c.arena);
	if (r < 0 || !S_ISDIR(w.st.st_mode))
		return r;
	c = (struct copy_tree)COPY_TREE_OF(in, out, t->owners);
	c.task = t;
	return copy_tree_walk(&c, keep, e);
}
