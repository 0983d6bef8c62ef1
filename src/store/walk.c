/*
 * walk: all that is in a tree, in the same order each time.
 * Called within store/.  Reads directories below the descriptor that it is given; follows no link.
 */
#include "store/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"

struct walk {
	struct arena arena; /* paths of directories, as long as the walk */
	struct strv dirs;   /* to be visited */
	int root;
	int (*fn)(const struct walk_entry *w, void *arg, struct err *e);
	void *arg;
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of a directory; -1 with errno. */
static int read_names(int fd, struct arena *a, struct strv *names)
{
	auto_fd own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir d = own < 0 ? NULL : fdopendir(own);
	struct dirent *entry;

	if (!d)
		return -1;
	(void)fd_take(&own); /* the directory stream's */
	while ((errno = 0, entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strv_add_copy(a, names, entry->d_name);
	if (errno)
		return -1;
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), compare);
	return 0;
}

static int visit(struct walk *k, const char *path, struct err *e)
{
	auto_fd fd = path_open_beneath(k->root, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0);
	struct arena a = { 0 };
	struct strv names = { 0 };
	int r = 0;

	if (fd < 0 || read_names(fd, &a, &names) < 0)
		r = err_set(e, errno, "read the directory /%s", path);
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		struct walk_entry w = { .dir = fd, .name = names.v[i] };

		w.path = *path ? arena_printf(&a, "%s/%s", path, w.name) : w.name;
		if (fstatat(fd, w.name, &w.st, AT_SYMLINK_NOFOLLOW) < 0)
			r = err_set(e, errno, "/%s", w.path);
		else
			r = k->fn(&w, k->arg, e);
		if (r == 0 && S_ISDIR(w.st.st_mode))
			strv_add_copy(&k->arena, &k->dirs, w.path);
	}
	arena_done(&a);
	return r;
}

int walk_tree(int root, int (*fn)(const struct walk_entry *w, void *arg, struct err *e), void *arg,
	struct err *e)
{
	struct walk k = { .root = root, .fn = fn, .arg = arg };
	struct walk_entry top = { .path = "", .dir = root, .name = "." };
	int r = fstat(root, &top.st) < 0 ? err_set(e, errno, "the tree") : fn(&top, arg, e);

	strv_add_copy(&k.arena, &k.dirs, "");
	for (size_t i = 0; r == 0 && i < k.dirs.n; i++)
		r = visit(&k, k.dirs.v[i], e);
	arena_done(&k.arena);
	return r;
}

/* A file of several names counts once, spread over them. */
static int add_usage(const struct walk_entry *w, void *arg, struct err *e)
{
	uint64_t *sum = arg;

	(void)e;
	*sum += (uint64_t)w->st.st_blocks * 512 /
		(S_ISDIR(w->st.st_mode) || !w->st.st_nlink ? 1 : w->st.st_nlink);
	return 0;
}

uint64_t walk_usage(int parent, const char *name)
{
	auto_fd dir = path_open_beneath(parent, name, O_RDONLY | O_DIRECTORY, 0);
	uint64_t sum = 0;
	struct err e;

	if (dir >= 0)
		(void)walk_tree(dir, add_usage, &sum, &e);
	return sum;
}
