/*
 * host: what the runtime takes from the host.
 * Reads /proc and /dev; for root on a host without them, makes a mount namespace, a tmpfs and
 * device nodes in it.
 */
#include "root/host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/mnt.h"
#include "root/dev.h"
#include "util/fd.h"
#include "util/proc.h"
#include "util/sys.h"

static bool host_has_null(void)
{
	struct stat st;

	return stat("/dev/null", &st) == 0;
}

static int host_unshare(int rootfs_fd, struct err *e)
{
	if (fchdir(rootfs_fd) < 0)
		return err_set(e, errno, "enter the unpacked image");
	/* Only real root can do this: nodes made in a user namespace cannot be opened. */
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		(void)err_set(e, errno,
			"this host has no /proc or no /dev/null, and only root can make them");
		return err_hint(e, "mount -t proc proc /proc; mount -t devtmpfs dev /dev");
	}
	return 0;
}

/*
 * In this mount namespace the procfs also goes to /proc, if there is such a directory: before Linux
 * 5.12 the flags of a mount are set by its path in /proc/self/fd.
 */
static void host_show_proc(const struct host *h)
{
	auto_fd place = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), mnt = -1;
	const struct mnt_at at = { .fd = place };
	struct err ignored;

	if (place >= 0)
		mnt = mnt_bind(h->proc, false, 0, &at, &ignored);
}

/*
 * The kernel mounts a procfs for the sandbox only where the caller sees another,
 * user_namespaces(7).
 */
static int host_make(struct host *h, int rootfs_fd, struct err *e)
{
	static const char *const dirs[] = { "lower", "dev", "proc" };
	auto_fd image = -1, top = -1, bound = -1, dev = -1;
	struct mnt_at at;

	if (host_unshare(rootfs_fd, e) < 0)
		return -1;
	image = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	at = (struct mnt_at){ .fd = image };
	top = image < 0 ? err_set(e, errno, "open the unpacked image")
			: mnt_new("tmpfs", "mode=0755", MOUNT_ATTR_NOSUID, &at, e);
	if (top < 0)
		return -1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdirat(top, dirs[i], 0755) < 0)
			return err_set(e, errno, "prepare a private /%s", dirs[i]);
	dev = openat(top, "dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bound = mnt_bind_on(top, "lower", image, false, 0, e);
	if (bound < 0 || dev_make_nodes(dev, e) < 0)
		return err_wrap(e, "prepare a private /dev");
	h->proc = mnt_new_on(top, "proc", "proc", NULL,
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, e);
	if (h->proc < 0)
		return err_wrap(e, "prepare a private /proc");
	host_show_proc(h);
	h->dir = fd_take(&top);
	h->made = true;
	return 0;
}

int host_open(struct host *h, int rootfs_fd, struct err *e)
{
	*h = (struct host){ .dir = rootfs_fd, .proc = proc_open_fs() };
	if (h->proc >= 0 && host_has_null())
		return 0;
	fd_closep(&h->proc);
	return host_make(h, rootfs_fd, e);
}

int host_open_image(const struct host *h)
{
	return open(h->made ? "lower" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int host_open_dev(const struct host *h)
{
	return open(h->made ? "dev" : "/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
}
