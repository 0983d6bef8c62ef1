/*
 * fuzz target walk: a small tree with symlinks, and paths looked up in it.  The kernel's own
 * look-up (openat2) and the walk that stands in for it give the same answer, and neither leaves the
 * tree.  Each line of the input is a letter and names: d DIR, f FILE, l LINK TARGET, or the path to
 * look up: o PATH, b PATH (through no symlink), m PATH (made where missing).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "tree.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/path_walk.h"
#include "util/sys.h"

#define LINES_MAX 40

/* What a look-up gave: the inode, or the error where it tells something that callers act on. */
struct answer {
	ino_t ino;
	int code;
};

static struct answer answer_of(int fd)
{
	struct answer r = { .code = fd < 0 ? errno : 0 };
	struct stat st;

	if (fd >= 0) {
		fuzz_check(fstat(fd, &st) == 0);
		r.ino = st.st_ino;
	}
	fd_closep(&fd);
	return r;
}

static int kernel_open(int dirfd, const char *path, int flags, uint64_t resolve)
{
	struct sys_open_how how = { .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = resolve };

	int fd;

	/* A rename anywhere on the machine makes it unsure of '..': openat2(2). */
	do
		fd = sys_openat2(dirfd, *path ? path : ".", &how);
	while (fd < 0 && errno == EAGAIN);
	return fd;
}

static void look_up(int root, const char *path, bool beneath, int flags)
{
	uint64_t resolve = beneath ? SYS_RESOLVE_BENEATH | SYS_RESOLVE_NO_SYMLINKS
				   : SYS_RESOLVE_IN_ROOT | SYS_RESOLVE_NO_MAGICLINKS;
	enum path_walk_mode how = beneath ? PATH_WALK_BENEATH : PATH_WALK_IN_ROOT;
	struct answer kernel = answer_of(kernel_open(root, path, flags, resolve));
	struct answer walk = answer_of(path_walk_open(how, root, *path ? path : ".", flags, 0));

	if (!kernel.code != !walk.code || kernel.ino != walk.ino)
		fprintf(stderr, "walk: %s, flags %#x: kernel: %s, walk: %s\n", path,
			(unsigned)flags, strerror(kernel.code), strerror(walk.code));
	fuzz_check(kernel.ino == walk.ino && !kernel.code == !walk.code);
	fuzz_check((kernel.code == ENOENT) == (walk.code == ENOENT));
	fuzz_check((kernel.code == ENOTDIR) == (walk.code == ENOTDIR));
}

/* What was made can be opened by the same name, and by the kernel. */
static void make(int root, const char *path)
{
	struct answer made = answer_of(path_walk_mkdirs(root, path, 0755)), again;

	if (made.code)
		return;
	again = answer_of(path_open_in_root(root, path, O_PATH | O_DIRECTORY, 0));
	fuzz_check(again.ino == made.ino);
}

/* Each directly in the tree's root or in what was made there before; what cannot be made is left
 * out. */
static void run_line(int root, char *line)
{
	char clean[PATH_TEXT_MAX], parent[PATH_TEXT_MAX], *target = strchr(line, ' ');
	const char *name;
	size_t len;

	if (line[0] == 'l' && target)
		*target++ = '\0';
	switch (line[0]) {
	case 'o':
		look_up(root, line + 1, false, O_PATH);
		look_up(root, line + 1, false, O_RDONLY | O_NONBLOCK);
		look_up(root, line + 1, false, O_PATH | O_NOFOLLOW);
		look_up(root, line + 1, false, O_RDONLY | O_DIRECTORY);
		return;
	case 'b':
		look_up(root, line + 1, true, O_PATH);
		look_up(root, line + 1, true, O_RDONLY | O_DIRECTORY);
		return;
	case 'm':
		make(root, line + 1);
		return;
	default:
		break;
	}
	if (!line[0] || !strchr("dfl", line[0]) || path_clean(line + 1, clean, sizeof(clean)) < 0 ||
		!clean[0])
		return;
	len = path_split(clean, &name);
	memcpy(parent, clean, len);
	parent[len] = '\0';
	auto_fd dir = path_open_beneath(root, parent, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return;
	if (line[0] == 'd')
		(void)mkdirat(dir, name, 0755);
	else if (line[0] == 'l' && target)
		(void)!symlinkat(target, dir, name);
	else
		(void)!mknodat(dir, name, S_IFREG | 0644, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int root = tree_open(), fds = fuzz_open_fds();
	struct fuzz_piece rest = { data, size }, piece;

	for (int n = 0; n < LINES_MAX && fuzz_next_piece(&rest, "\n", &piece); n++) {
		char *line = fuzz_text(piece.data, piece.size);

		run_line(root, line);
		free(line);
	}
	fuzz_check(fuzz_open_fds() == fds);
	tree_close(root);
	return 0;
}
