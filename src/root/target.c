/*
 * target: the file or directory in the new root that something is mounted onto.
 * Makes and replaces names in the new root, above the image.
 */
#include "root/target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/path.h"

#define TARGET_DIR_MODE 0755
#define TARGET_FILE_MODE 0644

/* Open the parent of path, made if missing; ret_name gets the last component. */
static int target_parent(
	int rootfd, const char *path, char *clean, const char **ret_name, struct err *e)
{
	size_t parent;
	char cut;
	int fd;

	if (path_clean(path, clean, PATH_TEXT_MAX) < 0)
		return err_set(e, errno, "the mount point");
	if (!clean[0])
		return err_set(e, 0, "the root itself cannot be covered");
	parent = path_split(clean, ret_name);
	cut = clean[parent];
	if (parent)
		clean[parent] = '\0';
	fd = path_mkdirs_in_root(rootfd, parent ? clean : "", TARGET_DIR_MODE);
	if (parent)
		clean[parent] = cut;
	return fd < 0 ? err_set(e, errno, "make the directory of the mount point") : fd;
}

int target_dir(int rootfd, const char *path, struct err *e)
{
	int fd = path_mkdirs_in_root(rootfd, path, TARGET_DIR_MODE);

	if (fd < 0 && errno == ENOTDIR) {
		auto_fd there = path_open_in_root(rootfd, path, O_PATH, 0);

		if (there >= 0)
			return err_set(e, 0, "a directory cannot cover the file there");
	}
	return fd < 0 ? err_set(e, errno, "make the mount point") : fd;
}

static int target_check_file(int fd, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "the mount point");
	return S_ISDIR(st.st_mode) ? err_set(e, 0, "a file cannot cover the directory there") : 0;
}

int target_file(int rootfd, const char *path, struct err *e)
{
	auto_fd fd = path_open_in_root(rootfd, path, O_PATH, 0);

	if (fd < 0 && errno == ENOENT) {
		auto_fd made = path_create_in_root(rootfd, path, TARGET_FILE_MODE, TARGET_DIR_MODE);

		if (made < 0)
			return err_set(e, errno, "make the mount point");
		fd = path_open_in_root(rootfd, path, O_PATH, 0);
	}
	if (fd < 0)
		return err_set(e, errno, "open the mount point");
	return target_check_file(fd, e) < 0 ? -1 : fd_take(&fd);
}

int target_own_dir(int rootfd, const char *path, struct err *e)
{
	char clean[PATH_TEXT_MAX];
	const char *name;
	auto_fd parent = target_parent(rootfd, path, clean, &name, e);
	int fd;

	if (parent < 0)
		return -1;
	fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == ENOTDIR && unlinkat(parent, name, 0) < 0)
		return err_set(e, errno, "replace what the image has there by a directory");
	if (mkdirat(parent, name, TARGET_DIR_MODE) == 0)
		fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? err_set(e, errno, "make the mount point") : fd;
}

int target_own_file(int rootfd, const char *path, struct err *e)
{
	char clean[PATH_TEXT_MAX];
	const char *name;
	auto_fd parent = target_parent(rootfd, path, clean, &name, e);
	auto_fd fd = parent < 0 ? -1 : openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (parent < 0)
		return -1;
	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		fd_closep(&fd);
		if (S_ISDIR(st.st_mode))
			return err_set(e, 0, "a file cannot cover the directory there");
		if (unlinkat(parent, name, 0) < 0)
			return err_set(e, errno, "replace what the image has there by a file");
	}
	if (fd < 0 && mknodat(parent, name, S_IFREG | TARGET_FILE_MODE, 0) == 0)
		fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? err_set(e, errno, "make the mount point") : fd_take(&fd);
}
