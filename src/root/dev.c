/*
 * dev: a minimal /dev.
 * Opens device nodes in the host's /dev (O_PATH) and binds them onto files that it makes in the
 * sandbox's.
 */
#include "root/dev.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "kernel/mnt.h"
#include "plan/defaults.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/path.h"
#include "util/sys.h"

#define DEV_DIR_MODE 0755

/* Documentation/admin-guide/devices.txt of the kernel */
static const struct {
	const char *name;
	unsigned major, minor;
} dev_numbers[] = {
	{ "null", 1, 3 },
	{ "zero", 1, 5 },
	{ "full", 1, 7 },
	{ "random", 1, 8 },
	{ "urandom", 1, 9 },
	{ "tty", 5, 0 },
};

static int dev_check(const char *name, int fd, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "/dev/%s of the host", name);
	for (size_t i = 0; i < sizeof(dev_numbers) / sizeof(dev_numbers[0]); i++)
		if (strcmp(dev_numbers[i].name, name) == 0 && S_ISCHR(st.st_mode) &&
			st.st_rdev == makedev(dev_numbers[i].major, dev_numbers[i].minor))
			return 0;
	return err_set(e, 0, "/dev/%s of the host is not the device of that name", name);
}

/*
 * The mount is a copy of the host's node.  It is checked, and then attached by name, since nobody
 * else has been in this /dev.  Returns 1 when done, 0 where the older way is needed, -1 with e.
 */
static int dev_node_by_tree(int host, int dev, const char *name, struct err *e)
{
	auto_fd mnt = sys_open_tree(
		host, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);

	if (mnt < 0)
		return 0;
	if (dev_check(name, mnt, e) < 0)
		return -1;
	return sys_move_mount(mnt, "", dev, name, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

static int dev_node(int host, int dev, const char *name, struct err *e)
{
	auto_fd src = -1, mnt = -1;
	int done;

	/* mknod(2) makes a regular file without rights, and without a descriptor to close. */
	if (mknodat(dev, name, S_IFREG, 0) < 0)
		return err_set(e, errno, "make %s", name);
	done = dev_node_by_tree(host, dev, name, e);
	if (done != 0)
		return done < 0 ? -1 : 0;
	src = openat(host, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (src < 0) {
		log_verbose("the host has no /dev/%s", name);
		return unlinkat(dev, name, 0) < 0 ? err_set(e, errno, "remove %s", name) : 0;
	}
	if (dev_check(name, src, e) < 0)
		return -1;
	mnt = mnt_bind_on(dev, name, src, false, 0, e);
	return mnt < 0 ? err_wrap(e, "%s", name) : 0;
}

int dev_fill(int dev, int host, struct err *e)
{
	for (const char *const *name = defaults_devices; *name; name++)
		if (dev_node(host, dev, *name, e) < 0)
			return -1;
	for (const char *const *name = defaults_dev_dirs; *name; name++)
		if (mkdirat(dev, *name, DEV_DIR_MODE) < 0)
			return err_set(e, errno, "make the directory %s", *name);
	for (const struct defaults_link *l = defaults_dev_links; l->name; l++)
		if (symlinkat(l->target, dev, l->name) < 0)
			return err_set(e, errno, "make the link %s", l->name);
	return 0;
}

int dev_make_nodes(int dev, struct err *e)
{
	for (size_t i = 0; i < sizeof(dev_numbers) / sizeof(dev_numbers[0]); i++) {
		dev_t number = makedev(dev_numbers[i].major, dev_numbers[i].minor);

		/* again by fchmodat, because mknod(2) applies the umask */
		if (mknodat(dev, dev_numbers[i].name, S_IFCHR | 0666, number) < 0 ||
			fchmodat(dev, dev_numbers[i].name, 0666, 0) < 0)
			return err_set(e, errno, "make the device %s", dev_numbers[i].name);
	}
	return 0;
}
