/*
 * fuse_overlayfs: the root by fuse-overlayfs(1) of the host, where the kernel mounts no overlay.
 * Opens /dev/fuse; starts the host's program, in a mount namespace of its own.
 */
#include "root/fuse_overlayfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/caps.h"
#include "kernel/host_program.h"
#include "kernel/mnt.h"
#include "plan/defaults.h"
#include "seccomp/install.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/path.h"
#include "util/sys.h"

#define FUSE_OVERLAYFS_FD \
	3 /* where the program finds the descriptor: "/dev/fd/3" in libfuse's words */
#define FUSE_OVERLAYFS_CAP(cap) (UINT64_C(1) << CAP_##cap)
#define FUSE_OVERLAYFS_CAPS \
	(FUSE_OVERLAYFS_CAP(CHOWN) | FUSE_OVERLAYFS_CAP(DAC_OVERRIDE) | \
		FUSE_OVERLAYFS_CAP(DAC_READ_SEARCH) | FUSE_OVERLAYFS_CAP(FOWNER) | \
		FUSE_OVERLAYFS_CAP(FSETID) | FUSE_OVERLAYFS_CAP(MKNOD) | \
		FUSE_OVERLAYFS_CAP(SETFCAP))

int fuse_overlayfs_find(void)
{
	char path[PATH_TEXT_MAX];

	return host_program_find(NULL, FUSE_OVERLAYFS_PROGRAM, path) < 0
		       ? -1
		       : open(path, O_PATH | O_CLOEXEC);
}

/* Bind src read-only onto the name to in the program's root, where the host has it. */
static int fuse_overlayfs_show(int root, int src, const char *to, struct err *e)
{
	struct stat st;
	auto_fd mnt = -1;

	if (src < 0 || fstat(src, &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		(void)mkdirat(root, to, 0755);
	else
		(void)mknodat(root, to, S_IFREG | 0644, 0);
	mnt = mnt_bind_on(root, to, src, true, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, e);
	return mnt < 0 ? err_wrap(e, "/%s for " FUSE_OVERLAYFS_PROGRAM, to) : 0;
}

/* The program reads /proc/self/fd. */
static int fuse_overlayfs_proc(int root, struct err *e)
{
	auto_fd mnt = -1, outer = -1;

	(void)mkdirat(root, "proc", 0555);
	mnt = mnt_new_on(root, "proc", "proc", NULL,
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, e);
	if (mnt >= 0)
		return 0;
	outer = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fuse_overlayfs_show(root, outer, "proc", e);
}

/*
 * The staging directory, which has lower/, upper/ and work/, becomes the program's root in a mount
 * namespace of its own.  The working directory moves along with unshare.
 */
static int fuse_overlayfs_root(int staging, struct err *e)
{
	static const char *const shown[] = { "usr", "lib", "lib64", "lib32", "bin", "gnu", "nix" };
	auto_fd root = -1, cache = -1, program = -1;

	if (fchdir(staging) < 0 || unshare(CLONE_NEWNS) < 0)
		return err_set(e, errno, "create a mount namespace");
	root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	program =
		fuse_overlayfs_find(); /* a descriptor of another mount namespace cannot be bound */
	(void)umount2("root", MNT_DETACH);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		char path[16];
		auto_fd dir = -1;

		(void)snprintf(path, sizeof(path), "/%s", shown[i]);
		dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fuse_overlayfs_show(root, dir, shown[i], e) < 0)
			return -1;
	}
	(void)mkdirat(root, "etc", 0755);
	cache = open("/etc/ld.so.cache", O_PATH | O_CLOEXEC);
	if (fuse_overlayfs_show(root, cache, "etc/ld.so.cache", e) < 0 ||
		fuse_overlayfs_show(root, program, FUSE_OVERLAYFS_PROGRAM, e) < 0 ||
		fuse_overlayfs_proc(root, e) < 0)
		return -1;
	if (fchdir(root) < 0 || sys_pivot_root(".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
		chdir("/") < 0)
		return err_set(e, errno, "leave the host's root");
	return 0;
}

/* From here on nobody reads what the program says. */
static void fuse_overlayfs_streams(int null, int fd)
{
	for (int i = 0; null >= 0 && i <= STDERR_FILENO; i++)
		(void)dup2(null, i);
	if (fd == FUSE_OVERLAYFS_FD)
		(void)fcntl(fd, F_SETFD, 0);
	else
		(void)dup2(fd, FUSE_OVERLAYFS_FD);
	fd_close_from(FUSE_OVERLAYFS_FD + 1, NULL, 0);
}

static _Noreturn void fuse_overlayfs_serve(const struct fuse_overlayfs *f, int fd)
{
	char options[160], device[16];
	char *words[] = { (char *)FUSE_OVERLAYFS_PROGRAM, (char *)"-f", (char *)"-o", options,
		device, NULL };
	char *env[] = { NULL };
	auto_fd null = openat(f->dev, "null", O_RDWR | O_CLOEXEC);
	struct err e;

	(void)snprintf(device, sizeof(device), "/dev/fd/%d", FUSE_OVERLAYFS_FD);
	(void)snprintf(options, sizeof(options), "lowerdir=/lower,upperdir=%s,workdir=%s%s",
		f->on_disk ? "/disk/upper" : "/upper", f->on_disk ? "/disk/work" : "/work",
		f->squash ? ",squash_to_root" : "");
	(void)setsid(); /* signals of the terminal are not for it */
	if (fuse_overlayfs_root(f->staging, &e) == 0 &&
		caps_confine(FUSE_OVERLAYFS_CAPS, FUSE_OVERLAYFS_CAPS, true, &e) == 0 &&
		seccomp_install(&seccomp_docker, defaults_caps(), SECCOMP_EMULATE_NONE, NULL, &e) ==
			0) {
		fuse_overlayfs_streams(null, fd);
		(void)execve("/" FUSE_OVERLAYFS_PROGRAM, words, env);
	} else {
		log_verbose("%s", e.msg);
	}
	_exit(EXIT_SANDBOX);
}

/* This process mounts it: /dev/fuse must be opened in the user namespace of the mount. */
static int fuse_overlayfs_mount(int staging, int fd, struct err *e)
{
	char options[128];

	/* Other ids inside may use it; the kernel checks permissions as everywhere. */
	(void)snprintf(options, sizeof(options),
		"fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions", fd);
	return mnt_new_on(
		staging, "root", "fuse", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, e);
}

int fuse_overlayfs_make(const struct fuse_overlayfs *f, struct err *e)
{
	auto_fd program = fuse_overlayfs_find();
	auto_fd fd = program < 0 ? -1 : openat(f->dev, "fuse", O_RDWR | O_CLOEXEC), root = -1;
	struct stat st;
	pid_t server;

	if (fd < 0)
		return err_set(e, errno, program < 0 ? FUSE_OVERLAYFS_PROGRAM : "/dev/fuse");
	root = fuse_overlayfs_mount(f->staging, fd, e);
	if (root < 0)
		return -1;
	server = fork();
	if (server == 0)
		fuse_overlayfs_serve(f, fd);
	/* No other process may hold it: the mount must fail, not wait, when the server is gone. */
	fd_closep(&fd);
	if (server > 0 && fstat(root, &st) == 0)
		return fd_take(&root);
	(void)err_set(e, 0, FUSE_OVERLAYFS_PROGRAM " does not serve");
	if (server > 0)
		(void)kill(server, SIGKILL);
	if (fchdir(f->staging) == 0)
		(void)umount2("root", MNT_DETACH);
	return -1;
}
