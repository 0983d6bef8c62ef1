/*
 * store: finds and opens the store.
 * Reads the environment; touches the folder that it finds or makes.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/home.h"
#include "util/log.h"
#include "util/path.h"

#define STORE_ROOM \
	(64ul << 20) /* no default store is made where less is free: it may be a small root in memory */

/* mkdir -p of a path on the host; symlinks on the way are followed. */
static int store_make_path(const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(part))
		return -1;
	memcpy(part, path, len + 1);
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
			return -1;
		*p = '/';
	}
	return mkdir(part, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

/* In a place that all users may write to, only a folder of our own is accepted. */
static int store_check_root(const struct store *s, const char *path, bool shared, struct err *e)
{
	struct stat st;

	if (fstat(s->fd, &st) < 0)
		return err_set(e, errno, "store: %s", path);
	if (st.st_uid != geteuid()) {
		(void)err_set(e, 0, "store: %s: belongs to another user (uid %u)", path,
			(unsigned)st.st_uid);
		return err_hint(e,
			"name it in SANDBOX_STORES to read it; choose a place of your own with --store DIR or SANDBOX_STORE");
	}
	if (shared && (st.st_mode & 077) != 0)
		return err_set(e, 0,
			"store: %s: other users may write or read here; its mode must be 0700",
			path);
	return 0;
}

/* There, a symlink is not followed. */
static int store_open_folder(struct store *s, const char *path, bool shared)
{
	s->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (shared ? O_NOFOLLOW : 0));
	return s->fd;
}

/* Open a store folder, or make it. */
static int store_open_root(struct store *s, const char *path, bool shared, struct err *e)
{
	if (store_open_folder(s, path, shared) < 0 && errno == ENOENT) {
		if (store_make_path(path) < 0)
			return err_set(e, errno, "store: mkdir %s", path);
		(void)store_open_folder(s, path, shared);
	}
	if (s->fd < 0)
		return err_set(e, errno, "store: %s", path);
	if (store_check_root(s, path, shared, e) < 0)
		return -1;
	free(s->path);
	s->path = xstrdup(path);
	return 0;
}

/* The same without making it: the nearest existing directory above must be writable. */
static int store_look_root(struct store *s, const char *path, bool shared, struct err *e)
{
	char part[PATH_MAX], *slash;
	bool there = true;

	(void)snprintf(part, sizeof(part), "%s", path);
	while (store_open_folder(s, part, shared && there) < 0) {
		if (errno != ENOENT || strcmp(part, ".") == 0 || strcmp(part, "/") == 0)
			return err_set(e, errno, "store: %s", part);
		there = false;
		slash = strrchr(part, '/');
		if (slash)
			slash[slash == part] = '\0';
		else
			(void)snprintf(part, sizeof(part), ".");
	}
	if (there && store_check_root(s, path, shared, e) < 0)
		return -1;
	if (!there && access(part, W_OK | X_OK) < 0)
		return err_set(e, errno, "store: %s cannot be made in %s", path, part);
	free(s->path);
	s->path = xstrdup(path);
	return 0;
}

/* A file system that does not report its size may have room. */
static bool store_has_room(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) < 0 || fs.f_blocks == 0 ||
	       fs.f_bavail >= STORE_ROOM / (fs.f_frsize ? fs.f_frsize : 1);
}

/* store_open_root or store_look_root */
typedef int store_open_one(struct store *s, const char *path, bool shared, struct err *e);

/* A default store: one that exists, or a new one if base, if not NULL, has room. */
static int store_open_default(struct store *s, store_open_one *one, const char *path,
	const char *base, bool shared, struct err *e)
{
	fd_closep(&s->fd);
	if (base && access(path, F_OK) < 0 && !store_has_room(base))
		return err_set(
			e, ENOSPC, "store: %s has less than %lu MiB free", base, STORE_ROOM >> 20);
	return one(s, path, shared, e);
}

static int store_open_first_usable(struct store *s, store_open_one *one, struct err *e)
{
	static const char *const shared[] = { "/var/tmp", "/tmp" };
	const char *data = getenv("XDG_DATA_HOME"), *home = home_dir();
	char path[PATH_MAX];
	int n = -1;

	/* The kernel's first process has "/" as its home. */
	if (home && (!home[1] || access(home, W_OK) < 0))
		home = NULL;
	if (data && data[0] == '/')
		n = snprintf(path, sizeof(path), "%s/sandbox", data);
	else if (home)
		n = snprintf(path, sizeof(path), "%s/.local/share/sandbox", home);
	if (n > 0 && n < (int)sizeof(path) &&
		store_open_default(s, one, path, data && data[0] == '/' ? NULL : home, false, e) ==
			0)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/sandbox-%u", shared[i], (unsigned)geteuid());
		if (access(shared[i], W_OK) == 0 &&
			store_open_default(s, one, path, shared[i], true, e) == 0)
			return 0;
	}
	if (e->code == EMFILE || e->code == ENFILE)
		return -1;
	s->nowhere = true;
	if (!e->msg[0])
		(void)err_set(e, 0,
			"store: no usable place: HOME is unset or not writable, and /var/tmp and /tmp are not writable");
	return err_hint(e, "choose one with --store DIR or SANDBOX_STORE");
}

static int store_open_part(
	struct store *s, const char *name, mode_t mode, int *ret_fd, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	bool made;

	*ret_fd = path_open_beneath(s->fd, name, flags, 0);
	if (*ret_fd < 0 && errno == ENOENT) {
		made = mkdirat(s->fd, name, 0700) == 0;
		if (!made && errno != EEXIST)
			return err_set(e, errno, "store: mkdir %s/%s", s->path, name);
		*ret_fd = path_open_beneath(s->fd, name, flags, 0);
		if (made && mode != 0700 && fchmod(*ret_fd, mode) < 0)
			return err_set(e, errno, "store: %s/%s", s->path, name);
	}
	return *ret_fd < 0 ? err_set(e, errno, "store: %s/%s", s->path, name) : 0;
}

/* The caller has named it, so any owner and symlinks are accepted.  It must have images/. */
static int store_open_other(struct store *s, const char *path, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY;

	*s = STORE_NONE;
	s->shared = true;
	s->path = xstrdup(path);
	s->fd = open(path, flags | O_CLOEXEC);
	if (s->fd < 0)
		return err_set(e, errno, "store: %s", path);
	s->images = path_open_beneath(s->fd, "images", flags, 0);
	if (s->images < 0)
		return err_set(e, errno, "store: %s/images", path);
	s->refs.dir = path_open_beneath(s->fd, "refs", flags, 0);
	s->sources = path_open_beneath(s->fd, "sources", flags, 0);
	return 0;
}

static bool store_is_same(const struct store *s, const struct store *other)
{
	struct stat a, b;

	return fstat(s->fd, &a) == 0 && fstat(other->fd, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

static int store_add_other(struct store *s, const char *path, struct err *e)
{
	struct store other;
	int r = store_open_other(&other, path, e);
	bool known = r == 0 && store_is_same(s, &other);

	for (size_t i = 0; r == 0 && i < s->n_others; i++)
		known = known || store_is_same(&s->others[i], &other);
	if (r < 0 || known) {
		store_done(&other);
		return r;
	}
	s->others = xrealloc(s->others, (s->n_others + 1) * sizeof(other));
	s->others[s->n_others++] = other;
	return 0;
}

/*
 * Can nobody but root, the caller and owner put another folder in the place of path, a real path?  In a
 * sticky directory only the owner of an entry can rename it.  Where this process sees no user of the host
 * as root, in a user namespace, root is whoever owns "/".
 */
static int store_check_way(const char *path, uid_t owner, struct err *e)
{
	char part[PATH_MAX], *slash;
	struct stat top, st;

	(void)snprintf(part, sizeof(part), "%s", path);
	if (stat("/", &top) < 0)
		return err_set(e, errno, "store: /");
	do {
		slash = strrchr(part, '/');
		slash[slash == part] = '\0';
		if (lstat(part, &st) < 0)
			return err_set(e, errno, "store: %s: %s", path, part);
		if (st.st_uid != top.st_uid && st.st_uid != geteuid() && st.st_uid != owner)
			return err_set(e, 0, "store: %s: %s belongs to another user (uid %u)", path,
				part, (unsigned)st.st_uid);
		if ((st.st_mode & 022) && !(st.st_mode & S_ISVTX))
			return err_set(e, 0,
				"store: %s: other users may rename what is in %s: it must be sticky (chmod +t)",
				path, part);
	} while (slash > part);
	return 0;
}

static bool store_has_member(gid_t group)
{
	const int n = getgroups(0, NULL);
	auto_free gid_t *groups = xmalloc(((size_t)(n > 0 ? n : 0) + 1) * sizeof(*groups));
	int left = n > 0 ? getgroups(n, groups) : 0;

	while (left > 0 && groups[left - 1] != group)
		left--;
	return left > 0 || group == getegid();
}

/*
 * Who may write in a folder of several users gives the others programs to run.  Where everybody can make
 * names, another user could make it first: it must be the caller's, root's, or of a group of the caller's.
 */
static int store_check_several(const char *path, const struct stat *st, struct err *e)
{
	struct stat top;

	if (stat("/", &top) < 0)
		return err_set(e, errno, "store: /");
	if (st->st_mode & 02)
		return err_set(e, 0, "store: %s: all users may write here", path);
	if (st->st_uid != top.st_uid && st->st_uid != geteuid() && !store_has_member(st->st_gid))
		return err_set(e, 0,
			"store: %s: belongs to another user (uid %u), and to no group of yours",
			path, (unsigned)st->st_uid);
	return 0;
}

int store_open_cache(struct store *s, const char *path, bool several, struct err *e)
{
	auto_free char *folder = xstrdup(path);
	char real[PATH_MAX];
	struct stat st;

	*s = STORE_NONE;
	/* A slash at its end would follow a link. */
	for (size_t n = strlen(folder); n > 1 && folder[n - 1] == '/'; n--)
		folder[n - 1] = '\0';
	if (several ? store_open_folder(s, folder, true) < 0
		    : store_open_root(s, folder, true, e) < 0)
		return several ? err_set(e, errno, "store: %s", folder) : -1;
	/* Images are mounted by path, so no link in it may be changed later. */
	if (!realpath(folder, real) || !path_is_at(s->fd, AT_FDCWD, real) || fstat(s->fd, &st) < 0)
		return err_set(e, errno, "store: %s", folder);
	if (several && store_check_several(real, &st, e) < 0)
		return -1;
	if (store_check_way(real, several ? st.st_uid : geteuid(), e) < 0)
		return -1;
	free(s->path);
	s->path = xstrdup(real);
	if (store_open_part(s, "images", st.st_mode & 07777, &s->images, e) < 0)
		return -1;
	return store_open_part(s, "staging", st.st_mode & 07777, &s->staging, e);
}

int store_open_others(struct store *s, char *const *paths, struct err *e)
{
	const char *list = getenv("SANDBOX_STORES");
	auto_free char *copy = list ? xstrdup(list) : NULL;
	char *rest = NULL;
	struct err why;

	for (; paths && *paths; paths++)
		if (store_add_other(s, *paths, e) < 0)
			return -1;
	for (char *path = copy ? strtok_r(copy, ":", &rest) : NULL; path;
		path = strtok_r(NULL, ":", &rest))
		if (store_add_other(s, path, &why) < 0)
			log_note("SANDBOX_STORES: left out: %s", why.msg);
	return 0;
}

struct store *store_searched(struct store *s, size_t i)
{
	return i < s->n_others ? &s->others[i] : s;
}

int store_share(struct store *s, struct err *e)
{
	const int parts[] = { s->fd, s->images, s->refs.dir, s->sources };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (fchmod(parts[i], 0755) < 0)
			return err_set(e, errno, "store: %s: let others read it", s->path);
	return 0;
}

/* The folder at path; NULL or "": the one in the environment, or the first usable default. */
static int store_choose_root(struct store *s, store_open_one *one, const char *path, struct err *e)
{
	*s = STORE_NONE;
	e->msg[0] = '\0';
	if (!path || !*path)
		path = getenv("SANDBOX_STORE");
	return path && *path ? one(s, path, false, e) : store_open_first_usable(s, one, e);
}

int store_open(struct store *s, const char *path, struct err *e)
{
	if (store_choose_root(s, store_open_root, path, e) == 0 &&
		store_open_part(s, "images", 0700, &s->images, e) == 0 &&
		store_open_part(s, "refs", 0700, &s->refs.dir, e) == 0 &&
		store_open_part(s, "sources", 0700, &s->sources, e) == 0 &&
		store_open_part(s, "staging", 0700, &s->staging, e) == 0 &&
		store_open_part(s, "runs", 0700, &s->runs.dir, e) == 0)
		return 0;
	/* No other place has more descriptors. */
	return e->hint[0] || e->code == EMFILE || e->code == ENFILE
		       ? -1
		       : err_hint(e, "choose a place with --store DIR or SANDBOX_STORE");
}

int store_look(struct store *s, const char *path, struct err *e)
{
	int r = store_choose_root(s, store_look_root, path, e);

	if (r == 0)
		s->staging = path_open_beneath(s->fd, "staging", O_RDONLY | O_DIRECTORY, 0);
	return r;
}

void store_done(struct store *s)
{
	fd_closep(&s->fd);
	fd_closep(&s->images);
	fd_closep(&s->refs.dir);
	free(s->refs.list);
	arena_done(&s->refs.arena);
	fd_closep(&s->sources);
	fd_closep(&s->staging);
	runs_done(&s->runs);
	for (size_t i = 0; i < s->n_others; i++)
		store_done(&s->others[i]);
	free(s->others);
	free(s->path);
	*s = STORE_NONE;
}
