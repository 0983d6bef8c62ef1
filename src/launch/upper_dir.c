/*
 * upper: the directory that takes what a run writes, where that is not memory.
 * Touches the folder that --scratch names, else, on older kernels,
 * the store's or one for temporary files, and writable/ of the store; forks.
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

#define SCRATCH_PREFIX ".sandbox-scratch"
#define UPPER_DIR_MFD_NOEXEC_SEAL 0x8u /* MFD_NOEXEC_SEAL, Linux 6.3 */
#define JANITOR_TRIES 100 /* processes of the run may be about to die, and still write */
#define JANITOR_PAUSE_MS 50

static int sweep(void *arg, struct err *e)
{
	(void)e;
	staging_sweep(*(const int *)arg, SCRATCH_PREFIX);
	return 0;
}

static int remove_scratch(void *arg, struct err *e)
{
	const struct staging *g = arg;
	const struct timespec pause = { .tv_nsec = JANITOR_PAUSE_MS * 1000000 };

	for (int i = 0; i < JANITOR_TRIES; i++) {
		if (path_remove_tree(g->parent, g->name) == 0)
			return 0;
		(void)nanosleep(&pause, NULL);
	}
	return err_set(e, errno, "remove %s", g->name);
}

/* With subordinate ids what was written may be theirs: their namespace removes it. */
static int with_ids(
	const struct plan *p, int (*fn)(void *arg, struct err *e), void *arg, struct err *e)
{
	return p->map_helpers ? as_subids_run(plan_id_maps(p), fn, arg, e) : fn(arg, e);
}

/*
 * Waits for the end of the runner, however it ends, and removes the folder.  It holds none of the
 * runner's streams, and keeps the folder's lock, so that nobody else takes the folder for a
 * leftover meanwhile.
 */
static _Noreturn void janitor_main(const struct upper_dir *u, const struct plan *p, int in)
{
	int keep[] = { in, u->parent, u->scratch.lock };
	const struct timespec pause = { .tv_nsec = JANITOR_PAUSE_MS * 1000000 };
	struct err e;
	char byte;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	for (int sig = 1; sig < NSIG; sig++)
		if (sig != SIGCHLD)
			(void)signal(sig, SIG_IGN);
	for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	for (size_t i = 1; i < 3; i++)
		for (size_t j = i; j > 0 && keep[j - 1] > keep[j]; j--) {
			int swap = keep[j];

			keep[j] = keep[j - 1];
			keep[j - 1] = swap;
		}
	fd_close_from(STDERR_FILENO + 1, keep, 3);
	/* Without a word the runner was killed, and what it ran is just being killed by the kernel.
	 */
	if (fd_read_full(in, &byte, 1) != 1)
		(void)nanosleep(&pause, NULL);
	_exit(with_ids(p, remove_scratch, (void *)&u->scratch, &e) < 0);
}

static int start_janitor(struct upper_dir *u, const struct plan *p, struct err *e)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return err_set(e, errno, "make a pair of sockets");
	u->janitor_in = fds[1];
	u->janitor = fork();
	if (u->janitor == 0) {
		(void)close(fds[1]);
		janitor_main(u, p, fds[0]);
	}
	(void)close(fds[0]);
	return u->janitor < 0 ? err_set(e, errno, "start a process") : 0;
}

/* Permissions of the image's root directory are those of the upper one. */
static int make_dirs(int dir, mode_t mode, struct err *e)
{
	if (mkdirat(dir, "upper", 0700) < 0 || fchmodat(dir, "upper", mode & 07777, 0) < 0 ||
		mkdirat(dir, "work", 0700) < 0)
		return err_set(e, errno, "--scratch: mkdir");
	return 0;
}

static int open_scratch(
	struct upper_dir *u, const char *dir, mode_t mode, struct plan *p, struct err *e)
{
	char real[PATH_MAX];

	u->parent = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u->parent < 0 || !realpath(dir, real))
		return err_set(e, errno, "--scratch: %s", dir);
	if (with_ids(p, sweep, &u->parent, e) < 0)
		return -1;
	if (staging_new(&u->scratch, u->parent, SCRATCH_PREFIX, e) < 0)
		return err_wrap(e, "--scratch: %s", dir);
	/* From here on the janitor removes it. */
	if (start_janitor(u, p, e) < 0 || make_dirs(u->scratch.dir, mode, e) < 0)
		return -1;
	p->upper_dir = arena_printf(&p->arena, "%s/%s", real, u->scratch.name);
	return 0;
}

/*
 * Before Linux 6.6 a tmpfs keeps no user xattrs, and an overlay whose upper directory is in one
 * says EIO where a directory of the image was removed and is made again.  The kernel's own tmpfs is
 * asked, as a file in memory; where it does not know the flag it is older than 6.3.
 */
bool upper_dir_memory_will_do(const struct plan *p)
{
	auto_fd fd = -1;

	/* Without a user namespace the overlay has attributes of its own, which a tmpfs keeps. */
	if (p->scratch_size || p->root_mode == ROOT_READ_ONLY || p->host_ids)
		return true;
	fd = memfd_create("sandbox", MFD_CLOEXEC | UPPER_DIR_MFD_NOEXEC_SEAL);
	if (fd < 0)
		return errno != EINVAL;
	return fsetxattr(fd, "user.sandbox", "", 0, 0) == 0 || errno != EOPNOTSUPP;
}

/* May it hold an upper directory: local, with user xattrs, and ours to write to? */
static bool is_fit(const char *dir)
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
		if (is_fit(dirs[i]))
			return dirs[i];
	return NULL;
}

/* The disk in place of memory, unasked: where there is none the runtime says what that means. */
static void open_for_memory(struct upper_dir *u, const struct launch_options *o, struct store *s,
	mode_t mode, struct plan *p)
{
	struct err e;
	bool there = s->fd >= 0 || store_open(s, o->store, &e) == 0;
	const char *dir = upper_dir_find_disk(there ? s->path : NULL);

	p->disk_first = true;
	p->on_disk = dir && open_scratch(u, dir, mode, p, &e) == 0;
}

/* A place for a copy of the image, beside it: what is written may lie there, too. */
static int open_for_copy(struct upper_dir *u, const struct launch_options *o, struct store *s,
	mode_t mode, struct plan *p, struct err *e)
{
	if (s->fd < 0 && store_open(s, o->store, e) < 0)
		return -1;
	p->on_disk = p->disk_first = !upper_dir_memory_will_do(p) && is_fit(s->path);
	return open_scratch(u, s->path, mode, p, e);
}

int upper_dir_open(struct upper_dir *u, const struct launch_options *o, struct store *s, int rootfs,
	const char *id, struct plan *p, struct err *e)
{
	struct stat st;

	*u = (struct upper_dir){ .writable = WRITABLE_NONE, .parent = -1, .janitor_in = -1 };
	u->scratch = (struct staging){ .parent = -1, .dir = -1, .lock = -1 };
	if (!p->on_disk && !p->writable_copy && upper_dir_memory_will_do(p))
		return 0;
	if (o->writable && (o->scratch || p->writable_copy))
		return err_set(e, 0, "--writable and %s exclude each other",
			o->scratch ? "--scratch" : "--writable-copy");
	if (fstat(rootfs, &st) < 0)
		return err_set(e, errno, "the image's root");
	if (!p->on_disk && p->writable_copy)
		return open_for_copy(u, o, s, st.st_mode, p, e);
	if (!p->on_disk) {
		open_for_memory(u, o, s, st.st_mode, p);
		return 0;
	}
	if (o->scratch)
		return open_scratch(u, o->scratch, st.st_mode, p, e);
	if (s->fd < 0 && store_open(s, o->store, e) < 0)
		return -1;
	if (writable_open(&u->writable, s, o->writable, id,
		    p->map_helpers ? "range"
		    : p->host_ids  ? "host"
				   : "one",
		    st.st_mode, e) < 0)
		return -1;
	p->upper_dir = arena_strdup(&p->arena, u->writable.path);
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
		log_note(
			"--scratch: %s could not be removed; the next run with this folder tries again",
			u->scratch.name);
	if (u->janitor > 0)
		staging_forget(&u->scratch);
	staging_done(&u->scratch);
	fd_closep(&u->parent);
	writable_close(&u->writable);
}
