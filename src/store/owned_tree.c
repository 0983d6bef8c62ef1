/*
 * owned_tree: the tree of an image with the owners that its layers recorded.
 * Reads rootfs/ and owners of an image's folder; writes below it, also hard links to files of rootfs/.
 */
#include "store/owned_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/owners.h"
#include "util/copy_tree.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/names.h"
#include "util/path.h"

#define OWNED_TREE_UNFINISHED OWNED_TREE_PREFIX "unfinished"

static void owned_tree_owner(void *arg, const char *path, uid_t *ret_uid, gid_t *ret_gid)
{
	const struct owner who = owners_of(arg, path);

	*ret_uid = who.uid;
	*ret_gid = who.gid;
}

static int owned_tree_fill(int image, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	auto_fd from = path_open_beneath(image, "rootfs", flags, 0);
	auto_fd to = path_open_beneath(image, OWNED_TREE_UNFINISHED, flags, 0);
	struct owners owners;
	size_t lost = 0;
	const struct copy_owners who = { .of = owned_tree_owner, .arg = &owners, .lost = &lost };
	int r;

	if (from < 0 || to < 0)
		return err_set(e, errno, "the image's folder");
	r = owners_read(&owners, image, e);
	if (r == 0)
		r = copy_tree(from, to, 0, &who, e);
	owners_done(&owners);
	if (r == 0 && lost)
		log_note(
			"%zu files of the image have owners beyond your ranges in /etc/subuid and /etc/subgid: they belong to root",
			lost);
	/* The image's record is about rootfs/ only: this tree must be on the disk before it gets its
	 * name. */
	return r == 0 && syncfs(image) < 0 ? err_set(e, errno, "the image's folder") : r;
}

int owned_tree_make(int image, const char *name, struct err *e)
{
	int r;

	if (path_remove_tree(image, OWNED_TREE_UNFINISHED) < 0 ||
		mkdirat(image, OWNED_TREE_UNFINISHED, 0700) < 0)
		return err_set(e, errno, "the image's folder");
	r = owned_tree_fill(image, e);
	if (r == 0 && renameat(image, OWNED_TREE_UNFINISHED, image, name) < 0)
		r = err_set(e, errno, "the image's folder");
	if (r < 0)
		(void)path_remove_tree(image, OWNED_TREE_UNFINISHED);
	return r;
}

bool owned_tree_is_there(int image)
{
	auto_names d;
	const char *name;

	(void)names_open(&d, image);
	while ((name = names_next(&d)))
		if (names_match(name, OWNED_TREE_PREFIX, ""))
			return true;
	return false;
}

int owned_tree_remove(int image, struct err *e)
{
	auto_names d;
	const char *name;

	(void)names_open(&d, image);
	while ((name = names_next(&d)))
		if (names_match(name, OWNED_TREE_PREFIX, "") && path_remove_tree(image, name) < 0)
			return err_set(e, errno, "remove %s", name);
	return 0;
}
