/*
 * xattr: the extended attributes of a file, as a whole.
 * Reads and sets those of the descriptors that it is given.
 */
#include "util/xattr.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "util/arena.h"
#include "util/fd.h"

#define XATTR_LIST_MAX 65536 /* XATTR_LIST_MAX of linux/limits.h */

/*
 * Attributes that would mean something to this host that the image has no say in: labels of its
 * security modules, and the marks of overlayfs, which the kernel would obey (overlay with userxattr
 * reads user.overlay.*).
 */
bool xattr_is_refused(const char *name)
{
	static const char *const prefixes[] = { "security.selinux", "security.ima", "security.evm",
		"security.apparmor", "security.SMACK", "system.nfs4_acl", "trusted.",
		"user.overlay." };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

void xattr_clear(int fd)
{
	auto_free char *names = NULL;
	ssize_t n = flistxattr(fd, NULL, 0);

	if (n <= 0)
		return;
	names = xmalloc(XATTR_LIST_MAX);
	n = flistxattr(fd, names, XATTR_LIST_MAX);
	for (const char *p = names; p < names + n; p += strlen(p) + 1)
		(void)fremovexattr(
			fd, p); /* security.selinux and the like belong to the host and stay */
}

int xattr_copy(int from, int to, struct err *e)
{
	auto_free char *names = NULL, *value = NULL;
	ssize_t n;

	xattr_clear(to);
	n = flistxattr(from, NULL, 0);
	if (n <= 0)
		return 0;
	names = xmalloc(XATTR_LIST_MAX);
	value = xmalloc(XATTR_LIST_MAX);
	n = flistxattr(from, names, XATTR_LIST_MAX);
	for (const char *p = names; p < names + n; p += strlen(p) + 1) {
		ssize_t size = fgetxattr(from, p, value, XATTR_LIST_MAX);

		if (size >= 0 && !xattr_is_refused(p) &&
			fsetxattr(to, p, value, (size_t)size, 0) < 0 && errno != EPERM)
			return err_set(e, errno, "extended attribute %s", p);
	}
	return 0;
}
