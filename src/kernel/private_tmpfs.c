/*
 * private_tmpfs: a place in memory for what has none on the host.
 * Moves the calling process into a mount namespace and, where it is not root, into a user namespace;
 * the host's mounts stay as they are.
 */
#include "kernel/private_tmpfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/idmap.h"
#include "kernel/namespaces.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"
#include "util/proc.h"

/* Directories that hosts rarely use.  The kernel itself makes /root in every initramfs. */
static const char *const private_tmpfs_places[] = { "/mnt", "/media", "/srv", "/opt", "/run",
	"/root", "/home", "/tmp", NULL };

static bool private_tmpfs_is_empty(const char *path)
{
	auto_names d;

	return names_take(&d, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == 0 &&
	       !names_next(&d) && !errno;
}

/* A mount would hide what a volume or the working directory names. */
static bool private_tmpfs_is_wanted(const char *path, char *const *words)
{
	size_t len = strlen(path);
	char cwd[PATH_TEXT_MAX];

	if (getcwd(cwd, sizeof(cwd)) && strncmp(cwd, path, len) == 0)
		return true;
	for (; *words; words++)
		if (strstr(*words, path))
			return true;
	return false;
}

static const char *private_tmpfs_place(char *const *words)
{
	for (const char *const *p = private_tmpfs_places; *p; p++)
		if (private_tmpfs_is_empty(*p) && !private_tmpfs_is_wanted(*p, words))
			return *p;
	/* No such place, as in an initramfs of very few files. */
	return mkdir("/run", 0755) == 0 ? "/run" : NULL;
}

/* Only the caller's own ids stay mapped; it could not use others before. */
static int private_tmpfs_own_user(struct err *e)
{
	const struct id_map uid = { geteuid(), geteuid(), 1 }, gid = { getegid(), getegid(), 1 };
	auto_fd proc = proc_open_fs();

	if (proc < 0) {
		(void)err_set(e, 0, "this host has no /proc, which a user namespace needs");
		return err_hint(e, "as root: mount -t proc proc /proc");
	}
	if (namespaces_unshare(CLONE_NEWUSER, e) < 0 || idmap_deny_groups(proc, e) < 0 ||
		idmap_put_map(proc, "self/gid_map", &gid, 1, e) < 0)
		return -1;
	return idmap_put_map(proc, "self/uid_map", &uid, 1, e);
}

int private_tmpfs_make(char *const *words, const char **ret_path, struct err *e)
{
	e->msg[0] = '\0';
	*ret_path = private_tmpfs_place(words);
	if (!*ret_path)
		return err_set(e, 0, "the host has no empty directory to mount a tmpfs on");
	if (unshare(CLONE_NEWNS) < 0 && (private_tmpfs_own_user(e) < 0 || unshare(CLONE_NEWNS) < 0))
		return e->msg[0] ? -1 : err_set(e, errno, "create a mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("sandbox", *ret_path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700") < 0)
		return err_set(e, errno, "mount a tmpfs");
	return 0;
}
