/*
 * tree: visits every entry of a tree, always in the same order.
 * Reads directories below the descriptor that it is given; follows no link.
 */
#include "util/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"

struct tree {
	struct arena arena; /* of the paths of directories */
	struct strv dirs;   /* to be visited */
	int root;
	const char *called; /* before paths in messages */
	dev_t dev;	    /* of root */
	int (*fn)(const struct tree_entry *w, void *arg, struct err *e);
	void *arg;
};

static int tree_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All names of a directory; -1 with errno. */
static int tree_names(struct names *d, struct arena *a, struct strv *names)
{
	const char *name;

	while ((name = names_next(d)))
		strv_add_copy(a, names, name);
	if (errno)
		return -1;
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), tree_compare);
	return 0;
}

/* A mount of what the kernel makes up: it has no end, and no meaning as a copy. */
static bool tree_is_made_up(const struct tree *k, const struct tree_entry *w)
{
	auto_fd fd = -1;
	struct statfs fs;

	if (w->st.st_dev == k->dev)
		return false;
	fd = openat(w->dir, w->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && fstatfs(fd, &fs) == 0 &&
	       (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC ||
		       fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC);
}

static int tree_walk_dir(struct tree *k, const char *path, struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	struct arena a = { 0 };
	struct strv names = { 0 };
	auto_names d;
	int r = 0;

	if (names_take(&d, path_open_beneath(k->root, path, flags, 0)) < 0 ||
		tree_names(&d, &a, &names) < 0)
		r = err_set(e, errno, "read the directory %s/%s", k->called, path);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct tree_entry w = { .dir = d.fd, .parent = path, .name = names.v[i] };

		w.path = *path ? arena_printf(&a, "%s/%s", path, w.name) : w.name;
		if (fstatat(d.fd, w.name, &w.st, AT_SYMLINK_NOFOLLOW) < 0)
			r = err_set(e, errno, "%s/%s", k->called, w.path);
		else
			r = k->fn(&w, k->arg, e);
		if (r == 0 && S_ISDIR(w.st.st_mode) && !tree_is_made_up(k, &w))
			strv_add_copy(&k->arena, &k->dirs, w.path);
	}
	arena_done(&a);
	return r;
}

int tree_walk_called(int root, const char *called,
	int (*fn)(const struct tree_entry *w, void *arg, struct err *e), void *arg, struct err *e)
{
	struct tree k = { .root = root, .called = called, .fn = fn, .arg = arg };
	struct tree_entry top = { .path = "", .dir = root, .name = "." };
	int r = fstat(root, &top.st) < 0 ? err_set(e, errno, "the tree") : fn(&top, arg, e);

	k.dev = top.st.st_dev;
	strv_add_copy(&k.arena, &k.dirs, "");
	for (size_t i = 0; r == 0 && i < k.dirs.n; i++)
		r = tree_walk_dir(&k, k.dirs.v[i], e);
	arena_done(&k.arena);
	return r;
}

int tree_walk(int root, int (*fn)(const struct tree_entry *w, void *arg, struct err *e), void *arg,
	struct err *e)
{
	return tree_walk_called(root, "", fn, arg, e);
}

/* Each hard link of a file counts for its share. */
static int tree_add_usage(const struct tree_entry *w, void *arg, struct err *e)
{
	uint64_t *sum = arg;

	(void)e;
	*sum += (uint64_t)w->st.st_blocks * 512 /
		(S_ISDIR(w->st.st_mode) || !w->st.st_nlink ? 1 : w->st.st_nlink);
	return 0;
}

uint64_t tree_usage(int parent, const char *name)
{
	auto_fd dir = path_open_beneath(parent, name, O_RDONLY | O_DIRECTORY, 0);
	uint64_t sum = 0;
	struct err e;

	if (dir >= 0)
		(void)tree_walk(dir, tree_add_usage, &sum, &e);
	return sum;
}
