/*
 * staging: makes, locks and sweeps unfinished folders.
 * Touches the staging folder only.
 *
 * Locks only save work: on some cluster file systems they work on one node only, or not at all.  So
 * every process has a folder of its own, and only the final rename makes an image.
 */
#include "store/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "store/holder.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/names.h"
#include "util/node.h"
#include "util/path.h"
#include "util/proc.h"

#define STAGING_TRIES 16
#define STAGING_PAUSE_MS 20
#define STAGING_TELL_MS 500  /* a shorter wait is not reported */
#define STAGING_LOOK ".look" /* exists for a moment */
#define STAGING_LOCK_SUFFIX ".lock"
#define STAGING_FRESH_SECONDS 60 /* a younger folder without a lock file may be about to get one */
#define STAGING_FOREIGN_SECONDS \
	(7 * 86400) /* for a folder of another machine, whose locks may not work here */

static void staging_name(char name[STAGING_NAME_SIZE], const char *prefix)
{
	uint64_t random = 0;

	(void)getrandom(&random, sizeof(random), GRND_NONBLOCK);
	random ^= (uint64_t)getpid() << 40 ^ (uint64_t)time(NULL);
	(void)snprintf(
		name, STAGING_NAME_SIZE, "%.20s-%016llx", prefix, (unsigned long long)random);
}

static int staging_failed(int parent, const char *name, struct err *e)
{
	char link[32], path[PATH_MAX];
	const int code = errno;
	ssize_t n = readlink(path_of_fd(link, sizeof(link), parent), path, sizeof(path) - 1);

	path[n < 0 ? 0 : n] = '\0';
	return err_set(e, code, "%s/%s", path, name);
}

/* Make the folder and its lock file.  Returns 0, or -1 with e, or 1 if a sweep came between the
 * two. */
static int staging_make(struct staging *g, int parent, const char *prefix, struct err *e)
{
	fd_closep(&g->dir);
	staging_name(g->name, prefix);
	g->dir = path_make_own(parent, g->name);
	if (g->dir >= 0)
		g->lock = path_open_beneath(g->dir, STAGING_LOCK, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (g->lock >= 0)
		return 0;
	return errno == ENOENT ? 1 : staging_failed(parent, g->name, e);
}

int staging_new(struct staging *g, int parent, const char *prefix, struct err *e)
{
	char name[NODE_NAME_MAX + 1], text[NODE_NAME_MAX + 2];
	int r = 1;

	*g = (struct staging){ .parent = parent, .dir = -1, .lock = -1 };
	for (int i = 0; i < STAGING_TRIES && r > 0; i++)
		r = staging_make(g, parent, prefix, e);
	if (r != 0)
		return r < 0 ? -1 : err_set(e, ENOENT, "staging: %s", g->name);
	(void)flock(g->lock, LOCK_EX | LOCK_NB); /* a file system without locks: see staging_lock */
	node_name(name);
	(void)snprintf(text, sizeof(text), "%s\n", name);
	if (fd_write_full(g->lock, text, strlen(text)) < 0)
		return err_set(e, errno, "staging: lock file");
	return 0;
}

void staging_share(struct staging *g)
{
	(void)flock(g->lock, LOCK_SH | LOCK_NB);
}

void staging_forget(struct staging *g)
{
	g->name[0] = '\0';
}

/*
 * The lock file is removed last: if this process is killed, or cannot remove something, a later sweep
 * finds the lock, which names the owner of the folder.  It is closed before, since NFS keeps an open
 * file under another name, and with it the folder.  Returns 0, or -1 with errno.
 */
static int staging_remove(int parent, const char *name, int *lock)
{
	int failed = 0;
	const char *part;
	auto_names d;

	(void)names_take(&d, path_open_beneath(parent, name, O_RDONLY | O_DIRECTORY, 0));
	while ((part = names_next(&d)))
		if (strcmp(part, STAGING_LOCK) != 0 && path_remove_tree(d.fd, part) < 0)
			failed = errno;
	if (errno != 0 || failed)
		return failed ? err_errno(failed) : -1;
	fd_closep(lock);
	return path_remove_tree(parent, name);
}

int staging_take_away(int parent, int from, const char *name, int *lock)
{
	char away[STAGING_NAME_SIZE];

	staging_name(away, "removed");
	if (renameat(from, name, parent, away) < 0)
		return -1;
	return staging_remove(parent, away, lock);
}

void staging_done(struct staging *g)
{
	fd_closep(&g->dir); /* to remove it takes a descriptor, and there may be no other */
	if (g->name[0])
		(void)staging_remove(g->parent, g->name, &g->lock);
	fd_closep(&g->lock);
	*g = (struct staging){ .parent = g->parent, .dir = -1, .lock = -1 };
}

/* Is the process that made the folder surely gone?  An empty folder without a lock file is removed
 * at once, unless look is set. */
static bool staging_is_dead(int parent, const char *name, bool own, bool look)
{
	char mine[NODE_NAME_MAX + 1], theirs[NODE_NAME_MAX + 2] = "";
	struct stat st;
	ssize_t n;
	auto_fd dir = path_open_beneath(parent, name, O_RDONLY | O_DIRECTORY, 0);

	if (dir < 0 || fstat(dir, &st) < 0)
		return false;
	auto_fd lock = path_open_beneath(dir, STAGING_LOCK, O_RDWR | O_NONBLOCK, 0);
	if (lock < 0) {
		/* Its process died, or is about to make the lock file, and then starts again (see
		 * staging_new). */
		if (errno == ENOENT && !look && unlinkat(parent, name, AT_REMOVEDIR) == 0)
			return false;
		return own && time(NULL) - st.st_mtime > STAGING_FRESH_SECONDS;
	}
	n = fd_read_full(lock, theirs, sizeof(theirs) - 1);
	node_name(mine);
	theirs[strcspn(theirs, "\n")] = '\0';
	/* The lock of another node may not be visible here: age decides. */
	if (n < 0 || (n > 0 && strcmp(mine, theirs) != 0))
		return time(NULL) - st.st_mtime > STAGING_FOREIGN_SECONDS;
	/* A new one: the lock is taken before the name is written; or an image that is removed. */
	if (n == 0 && time(NULL) - st.st_mtime <= STAGING_FRESH_SECONDS)
		return false;
	/* Without locks, age decides too. */
	return flock(lock, LOCK_EX | LOCK_NB) == 0 ||
	       (errno != EWOULDBLOCK && time(NULL) - st.st_mtime > STAGING_FOREIGN_SECONDS);
}

static void staging_sweep_lock(int parent, const char *name)
{
	auto_fd fd = path_open_beneath(parent, name, O_RDWR, 0);

	/* A process that waits for it sees that the file is gone, and makes a new one (see
	 * staging_lock). */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		(void)unlinkat(parent, name, 0);
}

static void staging_sweep_one(int parent, const char *name, bool own)
{
	int none = -1;

	if (own && names_match(name, "", STAGING_LOCK_SUFFIX)) {
		staging_sweep_lock(parent, name);
	} else if (own && names_match(name, "", HOLDER_SUFFIX)) {
		if (holder_is_gone(parent, name))
			(void)unlinkat(parent, name, 0);
	} else if (staging_is_dead(parent, name, own, false)) {
		(void)staging_remove(parent, name, &none);
	}
}

void staging_sweep(int parent, const char *prefix)
{
	const char *name;
	auto_names d;

	(void)names_open(&d, parent);
	while ((name = names_next(&d)))
		if (names_match(name, prefix, ""))
			staging_sweep_one(parent, name, !*prefix);
}

void staging_sweep_few(int parent, const char *prefix)
{
	char few[NAMES_FEW][NAMES_SIZE];

	for (size_t n = names_few(parent, prefix, "", SIZE_MAX, few); n > 0; n--)
		staging_sweep_one(parent, few[n - 1], !*prefix);
}

void staging_leftovers(int parent, void (*fn)(const char *name, void *arg), void *arg)
{
	const char *name;
	auto_names d;

	(void)names_open(&d, parent);
	while ((name = names_next(&d)))
		if (name[0] != '.' && staging_is_dead(parent, name, true, true))
			fn(name, arg);
}

int staging_remove_leftover(int parent, const char *name)
{
	int none = -1;

	return staging_remove(parent, name, &none);
}

void staging_sweep_files(int dirfd)
{
	const char *name;
	struct stat st;
	auto_names d;

	(void)names_open(&d, dirfd);
	while ((name = names_next(&d)))
		if (names_match(name, FD_TEMPORARY, "") &&
			fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			time(NULL) - st.st_mtime > STAGING_FRESH_SECONDS)
			(void)unlinkat(dirfd, name, 0);
}

/*
 * Returns a descriptor of the lock, or -1 with errno (EWOULDBLOCK: another process has it).  The
 * owner removes the file before it releases the lock, so a lock on a removed file does not count.
 */
static int staging_try_lock(int parent, const char *key, const char *name)
{
	auto_fd fd = path_open_beneath(parent, name, O_RDWR | O_CREAT, 0600);

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		if (path_is_at(fd, parent, name))
			return fd_take(&fd);
		errno = EWOULDBLOCK;
	}
	if (errno == EWOULDBLOCK || errno == EINTR)
		return err_errno(EWOULDBLOCK);
	fd_closep(&fd);
	fd = holder_take(parent, key);
	if (fd < 0 && errno == EEXIST)
		errno = EWOULDBLOCK;
	return fd_take(&fd);
}

/* The kernel frees the name when its socket is closed, unix(7).  Whoever else takes it only keeps a line from
 * being said. */
bool staging_tells_first(const char *key, int *ret_fd)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	(void)snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "sandbox-%u-%s",
		(unsigned)geteuid(), key);
	*ret_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return *ret_fd < 0 || bind(*ret_fd, (struct sockaddr *)&at, sizeof(at)) == 0 ||
	       errno != EADDRINUSE;
}

int staging_lock(int parent, const char *key, const volatile sig_atomic_t *stop, struct err *e)
{
	auto_fd waits = -1;
	char name[128];

	(void)snprintf(name, sizeof(name), "%s" STAGING_LOCK_SUFFIX, key);
	for (unsigned pauses = 0;; pauses++) {
		int fd = staging_try_lock(parent, key, name);

		if (fd >= 0)
			return fd;
		if (errno != EWOULDBLOCK)
			return staging_failed(parent, name, e);
		if (pauses == STAGING_TELL_MS / STAGING_PAUSE_MS &&
			staging_tells_first(key, &waits))
			log_note("waiting for another process that is unpacking this image");
		if (stop && *stop)
			return err_set(e, EINTR, "waiting for another process");
		/* If the owner dies, the lock is free at once; a signal must end this wait. */
		proc_pause(STAGING_PAUSE_MS);
	}
}

void staging_unlock(int parent, const char *key, int fd)
{
	char name[128];

	if (fd < 0)
		return;
	(void)snprintf(name, sizeof(name), "%s" STAGING_LOCK_SUFFIX, key);
	(void)unlinkat(parent, name, 0);
	holder_leave(parent, key);
	(void)close(fd);
}

void staging_look_anew(int dirfd)
{
	struct statfs fs;

	if (fstatfs(dirfd, &fs) < 0 || fs.f_type != NFS_SUPER_MAGIC)
		return;
	(void)mkdirat(dirfd, STAGING_LOOK, 0700);
	(void)unlinkat(dirfd, STAGING_LOOK, AT_REMOVEDIR);
}
