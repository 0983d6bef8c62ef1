/*
 * upper_dir: the directory on disk for what a run writes.
 * Touches the folder of --scratch, or on older kernels the store's or one for temporary files, and
 * writable/ of the store; forks.
 */
#include "launch/upper_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "kernel/as_subids.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/path.h"
#include "util/proc.h"

#define UPPER_DIR_PREFIX ".sandbox-scratch"
#define UPPER_DIR_MFD_NOEXEC_SEAL 0x8u /* MFD_NOEXEC_SEAL, Linux 6.3 */
#define UPPER_DIR_TRIES 100	       /* dying processes of the run may still write */
#define UPPER_DIR_PAUSE_MS 50

static int upper_dir_sweep(void *arg, struct err *e)
{
	(void)e;
	staging_sweep_few(*(const int *)arg, UPPER_DIR_PREFIX);
	return 0;
}

static int upper_dir_remove(void *arg, struct err *e)
{
	const struct staging *g = arg;

	for (int i = 0; i < UPPER_DIR_TRIES; i++) {
		if (path_remove_tree(g->parent, g->name) == 0)
			return 0;
		proc_pause(UPPER_DIR_PAUSE_MS);
	}
	return err_set(e, errno, "remove %s", g->name);
}

/* Files may belong to subordinate ids: only a process in their namespace can remove those. */
static int upper_dir_with_ids(
	const struct plan *p, int (*fn)(void *arg, struct err *e), void *arg, struct err *e)
{
	return p->map_helpers ? as_subids_run(plan_id_maps(p), fn, arg, e) : fn(arg, e);
}

/*
 * Waits for the end of the runner, also by SIGKILL, and removes the folder.  It closes the runner's
 * streams, and keeps the folder's lock, so that no other process takes the folder for a leftover.
 */
static _Noreturn void upper_dir_janitor(const struct upper_dir *u, const struct plan *p, int in)
{
	const int keep[] = { in, u->parent, u->scratch.lock };
	struct err e;
	char byte;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGCHLD)
			(void)signal(sig, SIG_IGN);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	fd_close_from(STDERR_FILENO + 1, keep, 3);
	/* The runner was killed without a word, and the kernel is now killing its processes. */
	if (fd_read_full(in, &byte, 1) != 1)
		proc_pause(UPPER_DIR_PAUSE_MS);
	_exit(upper_dir_with_ids(p, upper_dir_remove, (void *)&u->scratch, &e) < 0);
}

static int upper_dir_start_janitor(struct upper_dir *u, const struct plan *p, struct err *e)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return err_set(e, errno, "make a pair of sockets");
	u->janitor_in = fds[1];
	u->janitor = fork();
	if (u->janitor == 0) {
		(void)close(fds[1]);
		upper_dir_janitor(u, p, fds[0]);
	}
	(void)close(fds[0]);
	return u->janitor < 0 ? err_set(e, errno, "start a process") : 0;
}

static int upper_dir_scratch(struct upper_dir *u, const char *dir, mode_t mode,
	const struct plan *p, struct run_resources *res, struct err *e)
{
	char real[PATH_MAX];

	u->parent = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u->parent < 0 || !realpath(dir, real))
		return err_set(e, errno, "--scratch: %s", dir);
	if (upper_dir_with_ids(p, upper_dir_sweep, &u->parent, e) < 0)
		return -1;
	if (staging_new(&u->scratch, u->parent, UPPER_DIR_PREFIX, e) < 0)
		return err_wrap(e, "--scratch: %s", dir);
	/* From here on the janitor removes the folder. */
	if (upper_dir_start_janitor(u, p, e) < 0)
		return -1;
	if (writable_make_dirs(u->scratch.dir, mode) < 0)
		return err_set(e, errno, "--scratch: mkdir");
	u->path = xmalloc(strlen(real) + strlen(u->scratch.name) + 2);
	(void)sprintf(u->path, "%s/%s", real, u->scratch.name);
	res->upper_dir = u->path;
	return 0;
}

/*
 * Before Linux 6.6 a tmpfs has no user xattrs, and an overlay with its upper directory there fails
 * with EIO when a removed directory of the image is made again.  Try it on a file in memory, which
 * is in the kernel's own tmpfs.  A kernel that does not know the flag is older than 6.3.
 */
bool upper_dir_memory_will_do(const struct plan *p)
{
	auto_fd fd = -1;

	/* Without a user namespace the overlay uses trusted.* xattrs, which every tmpfs has. */
	if (p->scratch_size || p->read_only || p->host_ids)
		return true;
	fd = memfd_create("sandbox", MFD_CLOEXEC | UPPER_DIR_MFD_NOEXEC_SEAL);
	if (fd < 0)
		return errno != EINVAL;
	return fsetxattr(fd, "user.sandbox", "", 0, 0) == 0 || errno != EOPNOTSUPP;
}

/* Can dir hold an upper directory: on a local disk, with user xattrs, and writable? */
static bool upper_dir_is_fit(const char *dir)
{
	struct statfs fs;

	if (!dir || statfs(dir, &fs) < 0 || access(dir, W_OK | X_OK) < 0)
		return false;
	return fs.f_type == EXT4_SUPER_MAGIC || fs.f_type == XFS_SUPER_MAGIC ||
	       fs.f_type == BTRFS_SUPER_MAGIC;
}

const char *upper_dir_find_disk(const char *store)
{
	const char *const dirs[] = { store, getenv("TMPDIR"), "/var/tmp", "/tmp" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (upper_dir_is_fit(dirs[i]))
			return dirs[i];
	return NULL;
}

/* Use a disk instead of memory, though no option asked for it.  Without one, the runtime reports
 * it. */
static void upper_dir_for_memory(struct upper_dir *u, const char *store, struct store *s,
	mode_t mode, const struct plan *p, struct run_resources *res)
{
	struct err e;
	bool there = s->fd >= 0 || store_open(s, store, &e) == 0;
	const char *dir = upper_dir_find_disk(there ? s->path : NULL);

	res->disk_first = true;
	res->on_disk = dir && upper_dir_scratch(u, dir, mode, p, res, &e) == 0;
}

/* A place in the store for a copy of the image.  It may also hold the writes. */
static int upper_dir_for_copy(struct upper_dir *u, const char *store, struct store *s, mode_t mode,
	const struct plan *p, struct run_resources *res, struct err *e)
{
	if (s->fd < 0 && store_open(s, store, e) < 0)
		return -1;
	res->on_disk = res->disk_first = !upper_dir_memory_will_do(p) && upper_dir_is_fit(s->path);
	return upper_dir_scratch(u, s->path, mode, p, res, e);
}

static int upper_dir_writable(struct upper_dir *u, const char *store, struct store *s,
	const char *id, mode_t mode, const struct plan *p, struct run_resources *res, struct err *e)
{
	const char *ids = p->map_helpers ? "range" : p->host_ids ? "host" : "one";

	if (s->fd < 0 && store_open(s, store, e) < 0)
		return -1;
	if (writable_open(&u->writable, s, p->writable, id, ids, mode, e) < 0)
		return -1;
	res->upper_dir = u->writable.path;
	return 0;
}

int upper_dir_open(struct upper_dir *u, const char *store, struct store *s, const char *id,
	const struct plan *p, struct run_resources *res, struct err *e)
{
	struct stat st;

	*u = (struct upper_dir){ .writable = WRITABLE_NONE, .parent = -1, .janitor_in = -1 };
	u->scratch = (struct staging){ .parent = -1, .dir = -1, .lock = -1 };
	res->on_disk = p->scratch || p->writable;
	if (!res->on_disk && !p->writable_copy && upper_dir_memory_will_do(p))
		return 0;
	if (fstat(res->rootfs, &st) < 0)
		return err_set(e, errno, "the image's root");
	if (p->scratch)
		return upper_dir_scratch(u, p->scratch, st.st_mode, p, res, e);
	if (p->writable)
		return upper_dir_writable(u, store, s, id, st.st_mode, p, res, e);
	if (p->writable_copy)
		return upper_dir_for_copy(u, store, s, st.st_mode, p, res, e);
	upper_dir_for_memory(u, store, s, st.st_mode, p, res);
	return 0;
}

void upper_dir_close(struct upper_dir *u)
{
	int status = 0;

	if (u->janitor_in >= 0)
		(void)send(u->janitor_in, "e", 1, MSG_NOSIGNAL);
	fd_closep(&u->janitor_in);
	while (u->janitor > 0 && waitpid(u->janitor, &status, 0) < 0 && errno == EINTR)
		;
	if (u->janitor > 0 && status != 0)
		log_note("--scratch: cannot remove %s; the next run with this folder tries again",
			u->scratch.name);
	if (u->janitor > 0)
		staging_forget(&u->scratch);
	staging_done(&u->scratch);
	free(u->path);
	fd_closep(&u->parent);
	writable_close(&u->writable);
}
