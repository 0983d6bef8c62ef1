/*
 * path: util/path.c, and that its two ways (openat2, the walk) give the same answers.
 * Run by prove; works in a temporary directory, as any user.
 * Touches nothing outside that directory; one check makes a mount in namespaces of its own.
 * RACE_SECONDS=N: walks are disturbed by chance as well, N seconds each.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"
#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"
#include "util/path_walk.h"
#include "util/sys.h"

static char long_name[PATH_NAME_MAX + 2], long_path[PATH_TEXT_MAX + 10];

static void put_file(int dir, const char *name, const char *text)
{
	auto_fd fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || fd_write_full(fd, text, strlen(text)) < 0)
		perror(name);
}

/* in the order of the making: a directory ends in '/', a link has a target */
static const struct {
	const char *name, *target;
} tree[] = {
	{ "outside/", NULL },
	{ "outside/secret", NULL },
	{ "root/", NULL },
	{ "root/dir/", NULL },
	{ "root/dir/sub/", NULL },
	{ "root/dir/file", NULL },
	{ "root/abs", "/dir/file" },
	{ "root/rel", "dir/file" },
	{ "root/up", "../../../dir/file" },
	{ "root/escape", "../outside/secret" },
	{ "root/escape2", "/../../outside/secret" },
	{ "root/dirlink", "/dir" },
	{ "root/dir/back", "../dir" },
	{ "root/dot", "." },
	{ "root/slash", "/" },
	{ "root/loop", "loop" },
	{ "root/a", "b" },
	{ "root/b", "a" },
	{ "root/dangling", "/new/deep" },
	{ "root/slashed", "dir/" },
	{ "root/fileslash", "dir/file/" },
	{ "root/dots", "dir/../dir/./sub//.." },
};

static const struct {
	enum path_walk_mode how;
	const char *path;
	int flags;
	int code;	  /* errno wanted, 0 for success */
	const char *same; /* then: the file it must be, from the top */
} opens[] = {
	{ PATH_WALK_IN_ROOT, "dir/file", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "/dir//./file", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "", O_PATH, 0, "root" },
	{ PATH_WALK_IN_ROOT, "/", O_PATH, 0, "root" },
	{ PATH_WALK_IN_ROOT, "..", O_PATH, 0, "root" },
	{ PATH_WALK_IN_ROOT, "../../..", O_PATH, 0, "root" },
	{ PATH_WALK_IN_ROOT, "dir/..", O_PATH, 0, "root" },
	{ PATH_WALK_IN_ROOT, "dir/sub/../../../dir/sub", O_PATH, 0, "root/dir/sub" },
	{ PATH_WALK_IN_ROOT, "../outside/secret", O_RDONLY, ENOENT, NULL },
	{ PATH_WALK_IN_ROOT, "abs", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "rel", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "up", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "escape", O_RDONLY, ENOENT, NULL },
	{ PATH_WALK_IN_ROOT, "escape2", O_RDONLY, ENOENT, NULL },
	{ PATH_WALK_IN_ROOT, "dirlink/file", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "dirlink/../dir/back/back/file", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "dirlink", O_PATH | O_NOFOLLOW, 0, "root/dirlink" },
	{ PATH_WALK_IN_ROOT, "dirlink/", O_PATH | O_NOFOLLOW, 0, "root/dir" },
	{ PATH_WALK_IN_ROOT, "dirlink", O_PATH, 0, "root/dir" },
	{ PATH_WALK_IN_ROOT, "dirlink", O_RDONLY | O_DIRECTORY, 0, "root/dir" },
	{ PATH_WALK_IN_ROOT, "dirlink", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, ENOTDIR, NULL },
	{ PATH_WALK_IN_ROOT, "dirlink", O_RDONLY | O_NOFOLLOW, ELOOP, NULL },
	{ PATH_WALK_IN_ROOT, "dot/dot/dir", O_PATH, 0, "root/dir" },
	{ PATH_WALK_IN_ROOT, "slash/slash/dir/file", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "slash", O_PATH, 0, "root" },
	{ PATH_WALK_IN_ROOT, "dots/file", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "slashed", O_PATH, 0, "root/dir" },
	{ PATH_WALK_IN_ROOT, "fileslash", O_PATH, ENOTDIR, NULL },
	{ PATH_WALK_IN_ROOT, "dir/file/", O_PATH, ENOTDIR, NULL },
	{ PATH_WALK_IN_ROOT, "dir/file/..", O_PATH, ENOTDIR, NULL },
	{ PATH_WALK_IN_ROOT, "dir/file", O_RDONLY | O_DIRECTORY, ENOTDIR, NULL },
	{ PATH_WALK_IN_ROOT, "dir/none", O_RDONLY, ENOENT, NULL },
	{ PATH_WALK_IN_ROOT, "none/x", O_RDONLY, ENOENT, NULL },
	{ PATH_WALK_IN_ROOT, "none/../dir", O_RDONLY, ENOENT, NULL },
	{ PATH_WALK_IN_ROOT, "loop", O_RDONLY, ELOOP, NULL },
	{ PATH_WALK_IN_ROOT, "a", O_RDONLY, ELOOP, NULL },
	{ PATH_WALK_IN_ROOT, "a/x", O_RDONLY, ELOOP, NULL },
	{ PATH_WALK_IN_ROOT, "loop", O_PATH | O_NOFOLLOW, 0, "root/loop" },
	{ PATH_WALK_IN_ROOT, "dangling", O_RDONLY, ENOENT, NULL },
	{ PATH_WALK_IN_ROOT, "chain40", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_IN_ROOT, "chain41", O_RDONLY, ELOOP, NULL },
	{ PATH_WALK_IN_ROOT, "rel", O_WRONLY | O_CREAT | O_EXCL, EEXIST, NULL },
	{ PATH_WALK_IN_ROOT, "dangling", O_WRONLY | O_CREAT | O_EXCL, EEXIST, NULL },
	{ PATH_WALK_IN_ROOT, "dangling", O_WRONLY | O_CREAT, ENOENT, NULL },
	{ PATH_WALK_IN_ROOT, "dir", O_WRONLY | O_CREAT, EISDIR, NULL },
	{ PATH_WALK_IN_ROOT, "", O_WRONLY | O_CREAT, EISDIR, NULL },
	{ PATH_WALK_IN_ROOT, long_name, O_RDONLY, ENAMETOOLONG, NULL },
	{ PATH_WALK_IN_ROOT, long_path, O_RDONLY, ENAMETOOLONG, NULL },
	{ PATH_WALK_BENEATH, "dir/file", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_BENEATH, "", O_PATH, 0, "root" },
	{ PATH_WALK_BENEATH, ".", O_PATH, 0, "root" },
	{ PATH_WALK_BENEATH, "dir/../dir/file", O_RDONLY, 0, "root/dir/file" },
	{ PATH_WALK_BENEATH, "..", O_PATH, EXDEV, NULL },
	{ PATH_WALK_BENEATH, "dir/../../root", O_PATH, EXDEV, NULL },
	{ PATH_WALK_BENEATH, "/dir/file", O_RDONLY, EXDEV, NULL },
	{ PATH_WALK_BENEATH, "rel", O_RDONLY, ELOOP, NULL },
	{ PATH_WALK_BENEATH, "dirlink/file", O_RDONLY, ELOOP, NULL },
	{ PATH_WALK_BENEATH, "dangling", O_RDONLY, ELOOP, NULL },
	{ PATH_WALK_BENEATH, "dirlink", O_PATH, ELOOP, NULL },
	{ PATH_WALK_BENEATH, "dirlink", O_PATH | O_NOFOLLOW, 0, "root/dirlink" },
	{ PATH_WALK_BENEATH, "dirlink", O_PATH | O_DIRECTORY, ELOOP, NULL },
};

static void make_tree(int top)
{
	char name[32], target[32] = "dir/file";
	auto_fd root = -1;

	for (size_t i = 0; i < sizeof(tree) / sizeof(tree[0]); i++) {
		size_t len = strlen(tree[i].name);

		if (tree[i].target)
			(void)symlinkat(tree[i].target, top, tree[i].name);
		else if (tree[i].name[len - 1] == '/')
			(void)mkdirat(top, tree[i].name, 0755);
		else
			put_file(top, tree[i].name, tree[i].name);
	}
	/* chainN leads to the file by N links */
	root = openat(top, "root", O_RDONLY | O_DIRECTORY);
	for (int i = 1; i <= PATH_LINKS_MAX + 1; i++) {
		snprintf(name, sizeof(name), "chain%d", i);
		(void)symlinkat(target, root, name);
		memcpy(target, name, sizeof(target));
	}
	memset(long_name, 'n', PATH_NAME_MAX + 1);
	for (size_t i = 0; i < PATH_TEXT_MAX + 4; i += 2)
		memcpy(long_path + i, "d/", 3);
}

static bool is_same(int top, int fd, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(top, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static int open_public(enum path_walk_mode how, int dir, const char *path, int flags, mode_t mode)
{
	return how == PATH_WALK_BENEATH ? path_open_beneath(dir, path, flags, mode)
					: path_open_in_root(dir, path, flags, mode);
}

static void check_opens(int top, int root)
{
	static const struct {
		const char *name;
		int (*open)(
			enum path_walk_mode how, int dir, const char *path, int flags, mode_t mode);
	} ways[] = { { "open", open_public }, { "walk", path_walk_open } };

	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		for (size_t w = 0; w < 2; w++) {
			auto_fd fd = ways[w].open(
				opens[i].how, root, opens[i].path, opens[i].flags, 0644);
			int code = fd < 0 ? errno : 0;
			bool good =
				code == opens[i].code && (code || is_same(top, fd, opens[i].same));

			tap_ok(good, "%s %s '%.40s' flags %o", ways[w].name,
				opens[i].how == PATH_WALK_BENEATH ? "beneath" : "in root",
				opens[i].path, (unsigned)opens[i].flags);
			if (!good)
				printf("# have %s, want %s\n", strerror(code),
					opens[i].code ? strerror(opens[i].code) : opens[i].same);
			if (fd >= 0)
				tap_ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "... it closes on exec");
		}
	}
}

static void check_magic(void)
{
	auto_fd proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_fd top = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0) {
		tap_skip("magic links", "no /proc");
		return;
	}
	tap_ok(path_open_in_root(proc, "cwd/x", O_PATH, 0) < 0 && errno == ELOOP,
		"open: no magic link");
	tap_ok(path_walk_open(PATH_WALK_IN_ROOT, proc, "cwd/x", O_PATH, 0) < 0 && errno == ELOOP,
		"walk: no magic link on the way");
	tap_ok(path_walk_open(PATH_WALK_IN_ROOT, proc, "root", O_PATH, 0) < 0 && errno == ELOOP,
		"walk: no magic link at the end");
	tap_ok(path_walk_open(PATH_WALK_IN_ROOT, proc, "fd/0", O_PATH, 0) < 0,
		"walk: no descriptor");
	auto_fd fd = path_walk_open(PATH_WALK_IN_ROOT, top, "self/stat", O_RDONLY, 0);
	tap_ok(fd >= 0, "walk: /proc/self is an ordinary link");
}

/* What changes between two system calls of a walk; called again, it changes back. */
typedef void (*upset)(int top, int root);

static void upset_swap(int top, int root)
{
	(void)top;
	(void)syscall(SYS_renameat2, root, "swap", root, "swapped", 2 /* RENAME_EXCHANGE */);
}

static void upset_move(int top, int root)
{
	if (renameat(root, "moving/in", top, "outside/in") < 0)
		(void)renameat(top, "outside/in", root, "moving/in");
}

/* walks: a path, and what it may never lead to, from the top */
static const struct walk_case {
	enum path_walk_mode how;
	const char *path;
	int flags;
	const char *never;
	upset upset;
} walks[] = {
	{ PATH_WALK_IN_ROOT, "dir/../swap/secret", O_RDONLY, "outside/secret", upset_swap },
	{ PATH_WALK_BENEATH, "swap/../swap/secret", O_RDONLY, "outside/secret", upset_swap },
	{ PATH_WALK_IN_ROOT, "swap/../swapped/secret", O_RDONLY, "outside/secret", upset_swap },
	{ PATH_WALK_IN_ROOT, "moving/in/..", O_PATH, "outside", upset_move },
	{ PATH_WALK_BENEATH, "moving/in/..", O_PATH, "outside", upset_move },
};

/* One walk. */
static bool leads_out(int top, int root, const struct walk_case *w)
{
	auto_fd fd = path_walk_open(w->how, root, w->path, w->flags, 0);

	return fd >= 0 && is_same(top, fd, w->never);
}

/* A child that walks again and again, and after each time sends itself a signal that says where it
 * was led.  Returns its number, or -1 where it cannot be traced. */
static pid_t upset_child(int top, int root, const struct walk_case *w)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		pid = getpid();
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || kill(pid, SIGSTOP) < 0)
			_exit(1);
		for (;;)
			(void)kill(pid, leads_out(top, root, w) ? SIGUSR1 : SIGUSR2);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return -1;
	(void)ptrace(
		PTRACE_SETOPTIONS, pid, NULL, (long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	return pid;
}

/* One walk of that child, stopped before each of its system calls; before those of number first and
 * second the change is made.  Returns whether it led out; calls is how many there were.  In the end
 * all is as before. */
static bool upset_walk(
	int top, int root, const struct walk_case *w, pid_t pid, int first, int second, int *calls)
{
	int status = 0, stops = 0, upsets = 0;

	while (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) == 0 && waitpid(pid, &status, 0) == pid &&
		WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		/* Each call stops twice: before it, and when it returns. */
		if (stops % 2 == 0 && (stops / 2 == first || stops / 2 == second)) {
			w->upset(top, root);
			upsets++;
		}
		stops++;
	}
	if (upsets % 2)
		w->upset(top, root);
	*calls = stops / 2;
	return !WIFSTOPPED(status) || WSTOPSIG(status) != SIGUSR2;
}

/* A directory and a link that leads out change places, or a directory leaves the root, before each
 * system call of a walk, and change back before each that follows: nothing outside is ever opened. */
static void check_upset(int top, int root)
{
	for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); i++) {
		int calls = 0, seen, outside = 0, ways = 0;
		pid_t pid = upset_child(top, root, &walks[i]);

		if (pid < 0) {
			tap_skip("walks that are upset", "no process can be traced");
			return;
		}
		/* The first walk begins after the return from the call that stopped the child. */
		(void)upset_walk(top, root, &walks[i], pid, -1, -1, &calls);
		outside += upset_walk(top, root, &walks[i], pid, -1, -1, &calls);
		for (int first = 0; first < calls; first++)
			for (int second = first + 1; second <= calls; second++, ways++)
				outside +=
					upset_walk(top, root, &walks[i], pid, first, second, &seen);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		tap_ok(outside == 0 && ways > 20,
			"%s %s: in %d ways of changing it meanwhile it does not lead out",
			walks[i].how == PATH_WALK_BENEATH ? "beneath" : "in root", walks[i].path,
			ways);
	}
}

/* The same by chance, for $RACE_SECONDS. */
static void check_race(int top, int root)
{
	const char *text = getenv("RACE_SECONDS");
	time_t end = time(NULL) + (text ? atoi(text) : 0);

	for (size_t i = 0; text && i < sizeof(walks) / sizeof(walks[0]); i++) {
		unsigned outside = 0, tries = 0;
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				walks[i].upset(top, root);
		for (; tries % 200 || time(NULL) < end; tries++)
			outside += leads_out(top, root, &walks[i]);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		tap_ok(outside == 0, "%s: %u walks by chance", walks[i].path, tries);
		end += atoi(text);
	}
}

static void make_upsets(int top, int root)
{
	struct stat st;

	(void)mkdirat(root, "swap", 0755);
	put_file(root, "swap/secret", "inside");
	(void)symlinkat("../outside", root, "swapped");
	(void)mkdirat(root, "moving", 0755);
	(void)mkdirat(root, "moving/in", 0755);
	tap_ok(fstatat(top, "outside/secret", &st, 0) == 0, "there is something outside");
}

static void check_clean(void)
{
	static const struct {
		const char *in, *out;
		int code;
	} cases[] = {
		{ "", "", 0 },
		{ "/", "", 0 },
		{ ".", "", 0 },
		{ "a", "a", 0 },
		{ "/a/b", "a/b", 0 },
		{ "//a///b//", "a/b", 0 },
		{ "./a/./b/.", "a/b", 0 },
		{ "a/../b", "b", 0 },
		{ "a/b/../..", "", 0 },
		{ "a/..", "", 0 },
		{ "...", "...", 0 },
		{ "..a/b..", "..a/b..", 0 },
		{ "..", NULL, EXDEV },
		{ "a/../..", NULL, EXDEV },
		{ "/..", NULL, EXDEV },
		{ "a/../../b", NULL, EXDEV },
		{ long_name, NULL, ENAMETOOLONG },
		{ long_path, NULL, ENAMETOOLONG },
	};
	char out[PATH_TEXT_MAX], small[4];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int got = path_clean(cases[i].in, out, sizeof(out));

		if (cases[i].code)
			tap_ok(got < 0 && errno == cases[i].code, "clean '%.40s' fails",
				cases[i].in);
		else if (tap_ok(got == 0, "clean '%.40s'", cases[i].in))
			tap_str(out, cases[i].out, "... gives");
	}
	tap_ok(path_clean("abc", small, sizeof(small)) == 0, "clean: just fits");
	tap_ok(path_clean("abcd", small, sizeof(small)) < 0 && errno == ENAMETOOLONG,
		"clean: one too many");
	tap_ok(path_clean("a/bc", small, sizeof(small)) < 0 && errno == ENAMETOOLONG,
		"clean: with its slash");
}

static void check_split(void)
{
	const char *name;

	tap_int((long long)path_split("a/b/c", &name), 3, "split: length of the parent");
	tap_str(name, "c", "split: name");
	tap_int((long long)path_split("a", &name), 0, "split: the parent is the root");
	tap_str(name, "a", "split: name in the root");
}

static void check_mkdirs(int top, int root)
{
	static int (*const ways[])(int rootfd, const char *path,
		mode_t mode) = { path_mkdirs_in_root, path_walk_mkdirs };

	for (int w = 0; w < 2; w++) {
		mode_t before = umask(077);
		struct stat st;
		char path[64];

		snprintf(path, sizeof(path), "/dirlink/made%d/x/../y", w);
		{
			auto_fd fd = ways[w](root, path, 0751);
			tap_ok(fd >= 0, "mkdirs %d: through a link", w);
		}
		snprintf(path, sizeof(path), "root/dir/made%d/y", w);
		tap_ok(fstatat(top, path, &st, 0) == 0 && (st.st_mode & 07777) == 0751,
			"mkdirs %d: the mode is exact, whatever the umask", w);
		{
			auto_fd fd = ways[w](root, "dangling/more", 0755);
			tap_ok(fd >= 0 && fstatat(top, "root/new/deep/more", &st, 0) == 0,
				"mkdirs %d: the target of a dangling link is made inside", w);
		}
		{
			auto_fd fd = ways[w](root, "../../in-root", 0755);
			tap_ok(fd >= 0 && is_same(top, fd, "root/in-root"),
				"mkdirs %d: '..' stays inside", w);
		}
		{
			auto_fd fd = ways[w](root, "escape/x", 0755);
			tap_ok(fd >= 0 && is_same(top, fd, "root/outside/secret/x"),
				"mkdirs %d: a link that leads out is made inside", w);
		}
		{
			auto_fd fd = ways[w](root, "/", 0755);
			tap_ok(fd >= 0 && is_same(top, fd, "root"), "mkdirs %d: the root", w);
		}
		tap_ok(ways[w](root, "dir/file/x", 0755) < 0 && errno == ENOTDIR,
			"mkdirs %d: a file in the way", w);
		tap_ok(ways[w](root, "abs", 0755) < 0 && errno == ENOTDIR,
			"mkdirs %d: a link to a file", w);
		tap_ok(ways[w](root, "loop/x", 0755) < 0 && errno == ELOOP, "mkdirs %d: a loop", w);
		(void)umask(before);
		(void)path_remove_tree(root, "new");
		(void)path_remove_tree(root, "in-root");
		(void)path_remove_tree(root, "outside");
	}
}

static void check_create(int top, int root)
{
	static const struct {
		const char *path, *made; /* NULL: errno is code */
		int code;
	} cases[] = {
		{ "/deep/of/it/file", "root/deep/of/it/file", 0 },
		{ "link-abs", "root/none/abs/file", 0 },
		{ "deep/link-rel", "root/none/rel", 0 },
		{ "link-twice", "root/none/rel", 0 },
		{ "link-out", "root/outside/of/it", 0 },
		{ "../../above", "root/above", 0 },
		{ "dir/file", "root/dir/file", 0 },
		{ "dir/file/x", NULL, ENOTDIR },
		{ "loop", NULL, ELOOP },
		{ "made/dir/", NULL, EISDIR },
	};
	struct stat st;

	(void)mkdirat(root, "deep", 0755);
	(void)!symlinkat("/none/abs/file", root, "link-abs");
	(void)!symlinkat("../none/rel", root, "deep/link-rel");
	(void)!symlinkat("deep/link-rel", root, "link-twice");
	(void)!symlinkat("../../../outside/of/it", root, "link-out");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_fd fd = path_create_in_root(root, cases[i].path, 0644, 0755);
		int code = errno;

		if (cases[i].made)
			tap_ok(fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
					is_same(top, fd, cases[i].made),
				"create %s", cases[i].path);
		else
			tap_ok(fd < 0 && code == cases[i].code, "create %s fails", cases[i].path);
	}
	tap_ok(fstatat(top, "root/none/abs", &st, 0) == 0 && (st.st_mode & 07777) == 0755,
		"create: with its directories");
	static const char *const made[] = { "deep", "none", "outside", "above", "made", "link-abs",
		"link-twice", "link-out" };
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		(void)path_remove_tree(root, made[i]);
}

static void check_remove_deep(int root)
{
	int dir = openat(root, ".", O_RDONLY | O_DIRECTORY);
	bool made = mkdirat(root, "deep", 0755) == 0;

	close(dir);
	dir = openat(root, "deep", O_RDONLY | O_DIRECTORY);
	for (int i = 0; made && i < 1200; i++) {
		int next =
			mkdirat(dir, "d", 0755) < 0 ? -1 : openat(dir, "d", O_RDONLY | O_DIRECTORY);

		put_file(dir, "f", "x");
		close(dir);
		dir = next;
		made = next >= 0;
	}
	close(dir);
	tap_ok(made, "a tree deeper than files may be open");
	tap_int(path_remove_tree(root, "deep"), 0, "remove it");
	tap_ok(faccessat(root, "deep", F_OK, 0) < 0 && errno == ENOENT, "it is gone");
}

static int count_entries(int root)
{
	auto_names d;
	int n = 0;

	(void)names_open(&d, root);
	while (names_next(&d))
		n++;
	return n;
}

static void check_remove(int top, int root)
{
	int before = count_entries(root);
	auto_fd t = -1;

	tap_int(path_remove_tree(root, "not-there"), 0,
		"remove: what is not there counts as removed");
	(void)mkdirat(root, "t", 0755);
	t = openat(root, "t", O_RDONLY | O_DIRECTORY);
	put_file(t, "f", "x");
	(void)symlinkat("../../outside", t, "l");
	(void)symlinkat("/nowhere", t, "dangling");
	(void)mkdirat(t, "closed", 0755);
	put_file(t, "closed/f", "x");
	(void)mkdirat(t, "closed/in", 0755);
	put_file(t, "closed/in/f", "x");
	(void)fchmodat(t, "closed/in", 0, 0);
	(void)fchmodat(t, "closed", 0555, 0);
	(void)mkdirat(t, "write-only", 0200);
	(void)mknodat(t, "fifo", S_IFIFO | 0644, 0);
	(void)fchmod(t, 0);
	tap_int(path_remove_tree(root, "t"), 0, "remove: modes 0000, 0555, 0200, links, a fifo");
	tap_ok(faccessat(root, "t", F_OK, 0) < 0 && errno == ENOENT, "... it is gone");
	tap_ok(faccessat(top, "outside/secret", F_OK, 0) == 0, "... and no link was followed");
	tap_int(path_remove_tree(root, "chain1"), 0, "remove: a link by its name");
	tap_ok(faccessat(root, "dir/file", F_OK, 0) == 0, "... not its target");
	check_remove_deep(root);
	tap_int(count_entries(root), before - 1, "remove: nothing is left over");
}

/* In a child with namespaces of its own, since mounting takes rights. */
static void check_remove_mount(int root)
{
	pid_t pid;
	int status = 0;

	(void)mkdirat(root, "m", 0755);
	(void)mkdirat(root, "m/on", 0755);
	(void)mkdirat(root, "kept", 0755);
	put_file(root, "kept/f", "x");
	pid = fork();
	if (pid == 0) {
		if (fchdir(root) < 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
			mount("kept", "m/on", NULL, MS_BIND, NULL) < 0)
			_exit(77);
		_exit(path_remove_tree(AT_FDCWD, "m") < 0 ? 0 : 1);
	}
	(void)waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		tap_skip("remove: a mount point", "no mounts here");
	} else {
		tap_int(status, 0, "remove: a mount point is refused");
		tap_ok(faccessat(root, "kept/f", F_OK, 0) == 0, "... and what is mounted is kept");
	}
	(void)path_remove_tree(root, "m");
}

int main(void)
{
	char dir[] = "/tmp/path-test-XXXXXX";
	auto_fd top = -1, root = -1, tmp = open("/tmp", O_PATH | O_DIRECTORY);

	(void)umask(022);
	if (!mkdtemp(dir))
		return 1;
	top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	make_tree(top);
	root = openat(top, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check_opens(top, root);
	check_magic();
	check_clean();
	check_split();
	check_mkdirs(top, root);
	check_create(top, root);
	make_upsets(top, root);
	check_upset(top, root);
	check_race(top, root);
	check_remove(top, root);
	check_remove_mount(root);
	tap_int(path_remove_tree(tmp, dir + strlen("/tmp/")), 0, "remove the test's own tree");
	return tap_done();
}
