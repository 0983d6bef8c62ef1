/*
 * own_binary: protects sandbox's own program file from the image.
 * Reads the file that is about to be executed; own_binary_seal executes a copy of this program.
 */
#include "runtime/own_binary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/sys.h"

#define OWN_BINARY_EXE "/proc/self/exe"
#define OWN_BINARY_NAME "sandbox"
#define OWN_BINARY_DEPTH_MAX 6	/* scripts as interpreters of scripts: the kernel gives up at 5 */
#define OWN_BINARY_LINE_MAX 256 /* BINPRM_BUF_SIZE */
#define OWN_BINARY_ARGS_MAX (8u << 20)
#define OWN_BINARY_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

#define OWN_BINARY_MFD_EXEC 0x10u /* MFD_EXEC */

static bool own_binary_statx(const char *path, struct sys_statx *ret)
{
	*ret = (struct sys_statx){ 0 };
	return sys_statx(AT_FDCWD, path, 0, SYS_STATX_INO | SYS_STATX_MNT_ID, ret) == 0;
}

/* The owner can make it writable first, even through such a link. */
static bool own_binary_is_changeable(void)
{
	struct stat st;

	return stat(OWN_BINARY_EXE, &st) == 0 &&
	       (st.st_uid == geteuid() || access(OWN_BINARY_EXE, W_OK) == 0);
}

static bool own_binary_is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && seals & F_SEAL_WRITE;
}

/* Since Linux 6.3 an administrator can demand a flag before a file in memory is executable. */
static int own_binary_memfd(void)
{
	int fd = memfd_create(
		OWN_BINARY_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING | OWN_BINARY_MFD_EXEC);

	return fd < 0 && errno == EINVAL
		       ? memfd_create(OWN_BINARY_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING)
		       : fd;
}

/* Through another mount it is a file that the user has shown inside on purpose. */
static bool own_binary_same(const struct sys_statx *a, const struct sys_statx *b)
{
	return a->ino == b->ino && a->dev[0] == b->dev[0] && a->dev[1] == b->dev[1] &&
	       (!(a->mask & b->mask & SYS_STATX_MNT_ID) || a->mnt_id == b->mnt_id);
}

/* The interpreter of a script, as the kernel reads it; false where it is no script. */
static bool own_binary_interpreter(const char *file, char *ret)
{
	auto_fd fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char line[OWN_BINARY_LINE_MAX] = "";
	const char *s = line + 2;
	size_t n;

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 2 || line[0] != '#' || line[1] != '!')
		return false;
	s += strspn(s, " \t");
	n = strcspn(s, " \t\n");
	memcpy(ret, s, n);
	ret[n] = '\0';
	return n > 0;
}

bool own_binary_is(const char *file)
{
	char interpreter[OWN_BINARY_LINE_MAX];
	struct sys_statx own, st;

	if (!own_binary_is_changeable() || !own_binary_statx(OWN_BINARY_EXE, &own))
		return false;
	for (int depth = 0; depth < OWN_BINARY_DEPTH_MAX; depth++) {
		if (own_binary_statx(file, &st) && own_binary_same(&own, &st))
			return true;
		if (!own_binary_interpreter(file, interpreter))
			return false;
		file = interpreter;
	}
	return false;
}

/* The arguments of this process; the memory is never freed. */
static char **own_binary_args(struct arena *a)
{
	auto_fd fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	struct strv args = { 0 };
	size_t len = 0;
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, OWN_BINARY_ARGS_MAX, &len);

	for (size_t at = 0; text && at < len; at += strlen(text + at) + 1)
		strv_add_copy(a, &args, text + at);
	return args.v;
}

int own_binary_seal(struct err *e)
{
	struct arena a = { 0 };
	auto_fd own = open(OWN_BINARY_EXE, O_RDONLY | O_CLOEXEC);
	auto_fd copy = -1;
	struct stat st;
	char **args;
	off_t done = 0;

	if (own >= 0 && own_binary_is_sealed(own))
		(void)prctl(PR_SET_NAME,
			OWN_BINARY_NAME); /* the copy would be called by the number of its
					     descriptor */
	if (own < 0 || !own_binary_is_changeable() || own_binary_is_sealed(own))
		return 0;
	copy = own_binary_memfd();
	if (copy < 0 || fstat(own, &st) < 0)
		return err_set(e, errno, "copy the program into memory");
	while (done < st.st_size)
		if (sendfile(copy, own, &done, (size_t)(st.st_size - done)) <= 0)
			return err_set(e, errno, "copy the program into memory");
	if (fchmod(copy, 0700) < 0 || fcntl(copy, F_ADD_SEALS, OWN_BINARY_SEALS) < 0)
		return err_set(e, errno, "seal the copy of the program");
	args = own_binary_args(&a);
	if (args) {
		char path[32];

		(void)fexecve(copy, args, environ);
		/* Debian's kernel 5.10 fails with ENOENT on every execveat(2) without a path. */
		(void)execve(path_of_fd(path, sizeof(path), copy), args, environ);
	}
	(void)err_set(e, errno, "execute the copy of the program");
	arena_done(&a);
	return -1;
}
