/*
 * tree: a directory to work in, beside one that nothing may change.
 * Called by unpack.c and image.c of this folder.
 * Touches BASE, which holds room/work (the directory to work in) and canary/ (what must not
 * change).
 */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"

static const char *const watched[] = {
	".",
	"canary",
	"canary/dir",
	"canary/dir/file",
	"canary/file",
	"canary/link",
	"canary/secret",
};

#define N_WATCHED (sizeof(watched) / sizeof(*watched))

static struct {
	pid_t owner;
	int parent, base, room, back;
	char name[64];
	struct stat before[N_WATCHED];
} tree;

/* A fault of the machine, not of the product. */
static _Noreturn void tree_fail(const char *what)
{
	fprintf(stderr, "tree: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void tree_look(struct stat *all)
{
	for (size_t i = 0; i < N_WATCHED; i++)
		if (fstatat(tree.base, watched[i], &all[i], AT_SYMLINK_NOFOLLOW) < 0)
			memset(&all[i], 0, sizeof(all[i]));
}

static void tree_remove(void)
{
	if (tree.owner == getpid())
		(void)path_remove_tree(tree.parent, tree.name);
}

static void tree_file(const char *name, mode_t mode)
{
	auto_fd fd = openat(tree.base, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0 || fd_write_full(fd, "canary\n", 7) < 0)
		tree_fail(name);
}

static void tree_make(void)
{
	const char *places[] = { getenv("FUZZ_DIR"), "/dev/shm", getenv("TMPDIR"), "/tmp" };

	tree.owner = getpid();
	(void)snprintf(tree.name, sizeof(tree.name), "sandbox-fuzz.%ld", (long)tree.owner);
	tree.parent = -1;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && tree.parent < 0; i++) {
		if (!places[i] || access(places[i], W_OK | X_OK) < 0)
			continue;
		tree.parent = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (tree.parent < 0 || path_remove_tree(tree.parent, tree.name) < 0 ||
		mkdirat(tree.parent, tree.name, 0700) < 0)
		tree_fail(tree.name);
	if (atexit(tree_remove) != 0)
		tree_fail("atexit");
	tree.base = openat(tree.parent, tree.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tree.back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree.base < 0 || tree.back < 0 || mkdirat(tree.base, "room", 0700) < 0 ||
		mkdirat(tree.base, "canary", 0755) < 0 ||
		mkdirat(tree.base, "canary/dir", 0755) < 0 ||
		symlinkat("file", tree.base, "canary/link") < 0)
		tree_fail(tree.name);
	tree_file("canary/file", 0644);
	tree_file("canary/secret", 0600);
	tree_file("canary/dir/file", 0644);
	tree.room = openat(tree.base, "room", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree.room < 0)
		tree_fail("room");
	tree_look(tree.before);
}

int tree_open(void)
{
	int fd;

	if (!tree.owner)
		tree_make();
	if (fchdir(tree.base) < 0 || mkdirat(tree.room, "work", 0700) < 0)
		tree_fail("mkdir work");
	fd = openat(tree.room, "work", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		tree_fail("open work");
	return fd;
}

/* A change of anything but the time of the last access changes st_ctime too: inode(7). */
static bool tree_same(const struct stat *x, const struct stat *y)
{
	return x->st_ino == y->st_ino && x->st_mode == y->st_mode && x->st_nlink == y->st_nlink &&
	       x->st_size == y->st_size && x->st_ctim.tv_sec == y->st_ctim.tv_sec &&
	       x->st_ctim.tv_nsec == y->st_ctim.tv_nsec;
}

static bool tree_is_empty(int dirfd)
{
	auto_names d;

	if (names_open(&d, dirfd) < 0)
		tree_fail("open room");
	return !names_next(&d);
}

void tree_close(int fd)
{
	struct stat now[N_WATCHED];

	fd_closep(&fd);
	fuzz_check(path_remove_tree(tree.room, "work") == 0);
	fuzz_check(tree_is_empty(tree.room));
	tree_look(now);
	for (size_t i = 0; i < N_WATCHED; i++) {
		if (!tree_same(&now[i], &tree.before[i]))
			fprintf(stderr, "tree: changed outside: %s\n", watched[i]);
		fuzz_check(tree_same(&now[i], &tree.before[i]));
	}
	if (fchdir(tree.back) < 0)
		tree_fail("chdir");
}
