/*
 * mask: paths that are hidden or read-only.
 * Touches the sandbox's mount namespace.
 */
#include "root/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/mnt.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"
#include "util/sys.h"

/*
 * Each path is opened once, and that descriptor decides what is mounted onto what.  A link inside
 * the root is followed: what it leads to must not be seen.
 */
static int mask_hide(const struct root *r, int empty, const char *path, struct err *e)
{
	auto_fd fd = path_open_in_root(r->fd, path, O_PATH, 0);
	struct mnt_at at = { .fd = fd, .rootfd = r->fd, .path = path };
	auto_fd mnt = -1;
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "hide %s", path);
	mnt = S_ISDIR(st.st_mode) ? mnt_bind(empty, false, MOUNT_ATTR_RDONLY, &at, e)
				  : mnt_bind(r->null, false, 0, &at, e);
	return mnt < 0 ? err_wrap(e, "hide %s", path) : 0;
}

static int mask_hide_matches(const struct root *r, int empty, const char *path, struct err *e)
{
	const char *star = strchr(path, '*'), *start = star, *end = star + strcspn(star, "/");
	char one[PATH_TEXT_MAX], pattern[PATH_NAME_MAX + 1];
	const char *name;
	auto_names d;

	while (start > path && start[-1] != '/')
		start--;
	if (strlen(path) >= sizeof(one) || (size_t)(end - start) >= sizeof(pattern))
		return err_set(e, ENAMETOOLONG, "hide %s", path);
	(void)snprintf(one, sizeof(one), "%.*s", (int)(start - path), path);
	(void)snprintf(pattern, sizeof(pattern), "%.*s", (int)(end - start), start);
	(void)names_take(&d, path_open_in_root(r->fd, one, O_RDONLY | O_DIRECTORY, 0));
	while ((name = names_next(&d))) {
		if (fnmatch(pattern, name, FNM_PERIOD) != 0)
			continue;
		if (snprintf(one, sizeof(one), "%.*s%s%s", (int)(start - path), path, name, end) >=
			(int)sizeof(one))
			return err_set(e, ENAMETOOLONG, "hide %s", path);
		if (mask_hide(r, empty, one, e) < 0)
			return -1;
	}
	if (errno && errno != ENOENT && errno != ENOTDIR)
		return err_set(e, errno, "hide %s", path);
	return 0;
}

static int mask_protect(const struct root *r, const char *path, struct err *e)
{
	auto_fd fd = path_open_in_root(r->fd, path, O_PATH | O_NOFOLLOW, 0);
	struct mnt_at at = { .fd = fd, .rootfd = r->fd, .path = path };
	auto_fd mnt = -1;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_set(e, errno, "make %s read-only", path);
	mnt = mnt_bind(fd, true, MOUNT_ATTR_RDONLY, &at, e);
	return mnt < 0 ? err_wrap(e, "make %s read-only", path) : 0;
}

int mask_apply(const struct plan *p, const struct root *r, struct err *e)
{
	auto_fd empty = openat(r->staging, "empty", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (empty < 0)
		return err_set(e, errno, "open the empty directory");
	for (const char *const *s = p->masked_paths; s && *s; s++) {
		int done = strchr(*s, '*') ? mask_hide_matches(r, empty, *s, e)
					   : mask_hide(r, empty, *s, e);

		if (done < 0)
			return -1;
	}
	for (const char *const *s = p->read_only_paths; s && *s; s++)
		if (mask_protect(r, *s, e) < 0)
			return -1;
	return 0;
}
