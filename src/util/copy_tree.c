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
	bool over;	/* there may be entries already */
	const char *as; /* another name for the only entry; NULL: names stay */
	const struct copy_owners *owners;
	uid_t uid; /* the caller's */
	gid_t gid;
	struct seen seen;
	struct arena arena;
	struct strv dirs; /* paths of the directories made so far */
};

static int copy_tree_failed(const char *path, struct err *e)
{
	return err_set(e, errno, "copy /%s", path);
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
static int copy_tree_chown(const struct copy_tree *c, int fd, const char *name, const char *path,
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
		return copy_tree_failed(path, e);
	++*c->owners->lost;
	return 1;
}

/* The mode comes last: it may forbid writing, and chown(2) clears setuid bits. */
static int copy_tree_attributes(
	const struct copy_tree *c, int from, int to, const char *path, struct err *e)
{
	mode_t bits = c->owners && c->owners->loose ? 01777 : 07777;
	struct timespec times[2];
	struct stat st;
	int lost;

	if (fstat(from, &st) < 0)
		return copy_tree_failed(path, e);
	copy_tree_want(c, path, &st);
	lost = copy_tree_chown(c, to, NULL, path, &st, e);
	if (lost < 0)
		return -1;
	if (lost)
		bits = 01777;
	if (xattr_copy(from, to, e) < 0 && e->code != EOPNOTSUPP)
		return err_wrap(e, "copy /%s", path);
	if (c->owners && !c->owners->loose)
		xattr_restore(to);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	return fchmod(to, st.st_mode & bits) < 0 || futimens(to, times) < 0
		       ? copy_tree_failed(path, e)
		       : 0;
}

static const char *copy_tree_name(const struct copy_tree *c, const struct tree_entry *w)
{
	return c->as ? c->as : w->name;
}

/* Remove what is in the way of an entry that is no directory. */
static int copy_tree_clear(const struct copy_tree *c, const struct tree_entry *w, struct err *e)
{
	const char *name = copy_tree_name(c, w);
	struct stat st;

	if (!c->over || fstatat(c->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (st.st_dev == w->st.st_dev && st.st_ino == w->st.st_ino)
		return err_set(e, 0, "copy /%s: it is its own copy", w->path);
	if (S_ISDIR(st.st_mode))
		return err_set(e, 0, "copy /%s: a directory is in its place", w->path);
	return unlinkat(c->dir, name, 0) < 0 ? copy_tree_failed(w->path, e) : 0;
}

static int copy_tree_dir(const struct copy_tree *c, const struct tree_entry *w, struct err *e)
{
	struct stat st;

	if (mkdirat(c->dir, copy_tree_name(c, w), 0700) == 0)
		return 0;
	if (errno != EEXIST || !c->over ||
		fstatat(c->dir, copy_tree_name(c, w), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return copy_tree_failed(w->path, e);
	return S_ISDIR(st.st_mode)
		       ? 0
		       : err_set(e, 0, "copy /%s: what is in its place is no directory", w->path);
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
		return linkat(c->top, earlier, c->dir, name, 0) < 0 ? copy_tree_failed(w->path, e)
								    : 0;
	c->bytes += (uint64_t)w->st.st_size;
	if (c->max && c->bytes > c->max)
		return err_set(e, EFBIG, "copy /%s", w->path);
	in = openat(w->dir, w->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	out = in < 0 ? -1 : openat(c->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0 || fd_copy(in, out) < 0)
		return copy_tree_failed(w->path, e);
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

static int copy_tree_entry(const struct tree_entry *w, void *arg, struct err *e)
{
	const struct timespec times[] = { w->st.st_atim, w->st.st_mtim };
	struct copy_tree *c = arg;
	struct stat want = w->st;

	if (copy_tree_is_stopped())
		return err_set(e, EINTR, "copy /%s", w->path);
	if (S_ISDIR(w->st.st_mode))
		strv_add_copy(&c->arena, &c->dirs, w->path);
	if (!w->parent)
		return 0; /* the caller made it */
	if (w->parent != c->parent) {
		fd_closep(&c->dir);
		c->dir = path_open_beneath(c->top, w->parent, O_RDONLY | O_DIRECTORY, 0);
		c->parent = w->parent;
	}
	copy_tree_want(c, w->path, &want);
	if (S_ISDIR(w->st.st_mode))
		return copy_tree_dir(c, w, e);
	if (copy_tree_clear(c, w, e) < 0)
		return -1;
	if (S_ISREG(w->st.st_mode))
		return copy_tree_file(c, w, &want, e);
	if (S_ISCHR(w->st.st_mode) || S_ISBLK(w->st.st_mode))
		return 0;
	if (S_ISLNK(w->st.st_mode) ? copy_tree_make_link(c, w) < 0
				   : mknodat(c->dir, copy_tree_name(c, w),
					     w->st.st_mode & (S_IFMT | 07777), 0) < 0)
		return copy_tree_failed(w->path, e);
	if (copy_tree_chown(c, c->dir, copy_tree_name(c, w), w->path, &want, e) < 0)
		return -1;
	return utimensat(c->dir, copy_tree_name(c, w), times, AT_SYMLINK_NOFOLLOW) < 0
		       ? copy_tree_failed(w->path, e)
		       : 0;
}

/* Only when the directory is complete: a new entry changes its time, and its mode may forbid
 * one. */
static int copy_tree_finish_dir(struct copy_tree *c, const char *path, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	auto_fd from = path_open_beneath(c->from, path, flags, 0);
	auto_fd to = path_open_beneath(c->top, path, flags, 0);

	return from < 0 || to < 0 ? copy_tree_failed(path, e)
				  : copy_tree_attributes(c, from, to, path, e);
}

/* keep: the directory itself was there, and keeps its attributes. */
static int copy_tree_walk(struct copy_tree *c, bool keep, struct err *e)
{
	int r = tree_walk(c->from, copy_tree_entry, c, e);

	/* Subdirectories before their parents. */
	for (size_t i = c->dirs.n; i > (keep ? 1 : 0) && r == 0; i--)
		r = copy_tree_finish_dir(c, c->dirs.v[i - 1], e);
	return r;
}

static void copy_tree_done(struct copy_tree *c)
{
	fd_closep(&c->dir);
	seen_done(&c->seen);
	arena_done(&c->arena);
}

#define COPY_TREE_OF(from_fd, to_fd, who) \
	{ \
		.from = (from_fd), .top = (to_fd), .dir = -1, .owners = (who), .uid = geteuid(), \
		.gid = getegid() \
	}

int copy_tree(int from, int to, uint64_t max, const struct copy_owners *owners, struct err *e)
{
	struct copy_tree c = COPY_TREE_OF(from, to, owners);
	int r;

	c.max = max;
	r = copy_tree_walk(&c, false, e);
	copy_tree_done(&c);
	return r;
}

int copy_tree_over(int from, int to, const struct copy_owners *owners, struct err *e)
{
	struct copy_tree c = COPY_TREE_OF(from, to, owners);
	int r;

	c.over = true;
	r = copy_tree_walk(&c, true, e);
	copy_tree_done(&c);
	return r;
}

int copy_tree_one(int from, const char *name, int to, const char *as,
	const struct copy_owners *owners, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	struct tree_entry w = { .path = name, .dir = from, .parent = "", .name = name };
	struct copy_tree c = COPY_TREE_OF(-1, -1, owners);
	auto_fd in = -1, out = -1;
	bool keep = path_is_there(to, as);
	int r;

	c.over = true;
	c.as = as;
	c.parent = w.parent;
	c.dir = path_open_beneath(to, "", O_PATH | O_DIRECTORY, 0);
	if (c.dir < 0 || fstatat(from, name, &w.st, AT_SYMLINK_NOFOLLOW) < 0)
		r = copy_tree_failed(name, e);
	else
		r = copy_tree_entry(&w, &c, e);
	copy_tree_done(&c);
	if (r < 0 || !S_ISDIR(w.st.st_mode))
		return r;
	in = path_open_beneath(from, name, flags, 0);
	out = path_open_beneath(to, as, flags, 0);
	if (in < 0 || out < 0)
		return copy_tree_failed(name, e);
	c = (struct copy_tree)COPY_TREE_OF(in, out, owners);
	c.over = true;
	r = copy_tree_walk(&c, keep, e);
	copy_tree_done(&c);
	return r;
}
