/*
 * xattr: all extended attributes of a file.
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
 * Attributes that an image must not set, since the host's kernel would act on them: labels of
 * security modules, and marks of overlayfs (an overlay mounted with userxattr reads
 * user.overlay.*).
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

#define XATTR_ACL "system.posix_acl_"

/* linux/posix_acl_xattr.h: a version, then tag, permissions and id of each entry, little-endian. */
#define XATTR_ACL_HEADER 4
#define XATTR_ACL_ENTRY 8
#define XATTR_ACL_USER 2
#define XATTR_ACL_GROUP 8

bool xattr_names_ids(const char *name, const void *value, size_t size)
{
	const unsigned char *v = value;

	if (strncmp(name, XATTR_ACL, strlen(XATTR_ACL)) != 0)
		return false;
	for (size_t i = XATTR_ACL_HEADER; i + XATTR_ACL_ENTRY <= size; i += XATTR_ACL_ENTRY)
		if ((v[i] == XATTR_ACL_USER || v[i] == XATTR_ACL_GROUP) && v[i + 1] == 0)
			return true;
	return false;
}

void xattr_restore(int fd)
{
	static const char *const lists[] = { XATTR_KEPT XATTR_ACL "access",
		XATTR_KEPT XATTR_ACL "default" };
	char value[4096]; /* as much as ext4 keeps */

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		ssize_t n = fgetxattr(fd, lists[i], value, sizeof(value));

		if (n > 0 && fsetxattr(fd, lists[i] + strlen(XATTR_KEPT), value, (size_t)n, 0) == 0)
			(void)fremovexattr(fd, lists[i]);
	}
}

/* The length of the list of names in *ret, which is malloc'd, or NULL. */
static ssize_t xattr_list(int fd, char **ret)
{
	if (flistxattr(fd, NULL, 0) <= 0)
		return 0;
	*ret = xmalloc(XATTR_LIST_MAX);
	return flistxattr(fd, *ret, XATTR_LIST_MAX);
}

void xattr_clear(int fd)
{
	auto_free char *names = NULL;
	ssize_t n = xattr_list(fd, &names);

	/* The host's own, such as security.selinux, cannot be removed. */
	for (const char *p = names; n > 0 && p < names + n; p += strlen(p) + 1)
		(void)fremovexattr(fd, p);
}

int xattr_copy(int from, int to, struct err *e)
{
	auto_free char *names = NULL, *value = NULL;
	ssize_t n;

	xattr_clear(to);
	n = xattr_list(from, &names);
	value = n > 0 ? xmalloc(XATTR_LIST_MAX) : NULL;
	for (const char *p = names; n > 0 && p < names + n; p += strlen(p) + 1) {
		ssize_t size = fgetxattr(from, p, value, XATTR_LIST_MAX);

		if (size >= 0 && !xattr_is_refused(p) &&
			fsetxattr(to, p, value, (size_t)size, 0) < 0 && errno != EPERM &&
			!(errno == EINVAL && strncmp(p, XATTR_ACL, strlen(XATTR_ACL)) == 0))
			return err_set(e, errno, "extended attribute %s", p);
	}
	return 0;
}
