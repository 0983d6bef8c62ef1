/*
 * pty: a terminal of the sandbox's own devpts, seen from inside.
 * Opens the sandbox's devpts, which it checks; binds /dev/console; changes the session of the
 * payload.
 */
#include "runtime/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kernel/mnt.h"
#include "util/fd.h"
#include "util/fd_pass.h"
#include "util/path.h"

#define PTY_PEER_FLAGS (O_RDWR | O_NOCTTY | O_CLOEXEC)

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13 */
#endif

/* What only looks like a devpts might have a terminal of the host: crun's CVE-2026-47766. */
static int pty_open_devpts(int rootfd, struct err *e)
{
	auto_fd fd = path_open_beneath(rootfd, "dev/pts", O_PATH | O_DIRECTORY, 0);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return err_set(e, errno, "open the sandbox's /dev/pts");
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return err_set(e, 0, "the sandbox's /dev/pts is no devpts");
	return fd_take(&fd);
}

static int pty_open_master(int rootfd, struct err *e)
{
	auto_fd pts = pty_open_devpts(rootfd, e), master = -1;
	struct stat st;
	int unlock = 0;

	if (pts < 0)
		return -1;
	master = openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (master < 0 || fstat(master, &st) < 0)
		return err_set(e, errno, "open the sandbox's /dev/pts/ptmx");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2))
		return err_set(e, 0, "the sandbox's /dev/pts/ptmx is not the device of that name");
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return err_set(e, errno, "unlock the terminal");
	return fd_take(&master);
}

/* Set the size before the command asks for it. */
static void pty_copy_size(int master)
{
	struct winsize size;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (ioctl(fd, TIOCGWINSZ, &size) < 0)
			continue;
		(void)ioctl(master, TIOCSWINSZ, &size);
		return;
	}
}

int pty_make(int rootfd, const struct plan *p, int socket, struct err *e)
{
	auto_fd master = pty_open_master(rootfd, e), slave = -1;

	if (master < 0)
		return -1;
	/* through the master, not by a name, which could lead elsewhere */
	slave = ioctl(master, TIOCGPTPEER, PTY_PEER_FLAGS);
	if (slave < 0)
		return err_set(e, errno, "open the terminal");
	/*
	 * With several ids the terminal is not the user's yet; with one id there is nothing to
	 * change.
	 */
	(void)fchown(slave, p->uid, (gid_t)-1);
	pty_copy_size(master);
	return fd_send(socket, master) < 0 ? err_set(e, errno, "hand the terminal out")
					   : fd_take(&slave);
}

int pty_console(const struct root *r, int slave, struct err *e)
{
	auto_fd pts = pty_open_devpts(r->fd, e), dev = -1, src = -1, mnt = -1;
	struct stat want, got;

	if (pts < 0)
		return -1;
	dev = path_open_beneath(r->fd, "dev", O_PATH | O_DIRECTORY, 0);
	src = openat(pts, "0", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	/* Bind only what was opened and is the very terminal: runc's CVE-2025-52565. */
	if (dev < 0 || src < 0 || fstat(slave, &want) < 0 || fstat(src, &got) < 0 ||
		want.st_rdev != got.st_rdev || want.st_ino != got.st_ino)
		return err_set(e, 0, "the first terminal of the sandbox is not its own");
	if (mknodat(dev, "console", S_IFREG, 0) < 0)
		return err_set(e, errno, "make /dev/console");
	mnt = mnt_bind_on(dev, "console", src, false, 0, e);
	return mnt < 0 ? err_wrap(e, "/dev/console") : 0;
}

int pty_adopt(int slave, struct err *e)
{
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		return err_set(e, errno, "make the terminal the command's");
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(slave, fd) < 0)
			return err_set(e, errno, "make the terminal standard stream %d", fd);
	return 0;
}
