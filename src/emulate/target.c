/*
 * target: the thread that waits for an answer: its memory, its status, its files.
 * Reads and writes its memory; opens files in its root, for their metadata alone.
 */
#include "emulate/target.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/proc.h"

#define TARGET_NAME 64		  /* of a file in /proc */
#define TARGET_STATUS_MAX 1048576 /* bytes; 65,536 groups are in it */
#define TARGET_PAGE 4096u
#define TARGET_ID_VALID_FIRST _IOR('!', 2, uint64_t) /* its number before Linux 5.9 */

bool target_waits(const struct target *t)
{
	return ioctl(t->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &t->id) == 0 ||
	       (errno == EINVAL && ioctl(t->listener, TARGET_ID_VALID_FIRST, &t->id) == 0);
}

/* An address of the other process is no pointer here. */
static struct iovec target_place(uint64_t at, size_t len)
{
	uintptr_t address = (uintptr_t)at;
	struct iovec place = { .iov_len = len };

	memcpy(&place.iov_base, &address, sizeof(address));
	return place;
}

int target_read(const struct target *t, uint64_t from, void *to, size_t len)
{
	struct iovec here = { to, len }, there = target_place(from, len);

	return process_vm_readv(t->tid, &here, 1, &there, 1, 0) == (ssize_t)len ? 0 : EFAULT;
}

int target_write(const struct target *t, uint64_t to, const void *from, size_t len)
{
	struct iovec here = target_place((uintptr_t)from, len), there = target_place(to, len);

	/* Whoever has its number by now is not written to. */
	return target_waits(t) && process_vm_writev(t->tid, &here, 1, &there, 1, 0) == (ssize_t)len
		       ? 0
		       : EFAULT;
}

/* The text may end just before a page that is not there. */
int target_read_text(const struct target *t, uint64_t from, char *to, size_t size)
{
	size_t n = 0;

	while (n < size) {
		size_t page = TARGET_PAGE - (size_t)((from + n) % TARGET_PAGE);
		size_t len = page < size - n ? page : size - n;

		if (target_read(t, from + n, to + n, len))
			return EFAULT;
		if (memchr(to + n, '\0', len))
			return 0;
		n += len;
	}
	return ENAMETOOLONG;
}

static int target_openat(const struct target *t, const char *name, int flags)
{
	char path[TARGET_NAME];

	(void)snprintf(path, sizeof(path), "%d/%s", t->tid, name);
	return openat(t->proc, path, flags | O_CLOEXEC);
}

/* The last number of a line, which is that of the innermost namespace. */
static pid_t status_last(const char *line)
{
	size_t n = strcspn(line, "\n");

	while (n > 0 && line[n - 1] >= '0' && line[n - 1] <= '9')
		n--;
	return (pid_t)strtol(line + n, NULL, 10);
}

static void status_groups(const char *line, struct creds *c)
{
	size_t len = strcspn(line, "\n");
	const char *last = line + len;
	char *end = (char *)line;

	c->groups = xmalloc((len / 2 + 1) * sizeof(*c->groups));
	for (;;) {
		while (*end == ' ' || *end == '\t')
			end++;
		if (end >= last || c->n_groups == CREDS_GROUPS_MAX)
			break;
		c->groups[c->n_groups++] = (uint32_t)strtoul(end, &end, 10);
	}
}

static void status_line(struct target_status *s, const char *name, size_t len, const char *value)
{
	static const struct {
		const char *name;
		size_t at;
	} sets[] = {
		{ "CapInh", offsetof(struct creds, inheritable) },
		{ "CapPrm", offsetof(struct creds, permitted) },
		{ "CapEff", offsetof(struct creds, effective) },
		{ "CapBnd", offsetof(struct creds, bounding) },
		{ "CapAmb", offsetof(struct creds, ambient) },
	};
	struct creds *c = &s->creds;

#define IS(word) (len == sizeof(word) - 1 && memcmp(name, word, len) == 0)
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		uint64_t set = strtoull(value, NULL, 16);

		if (len == strlen(sets[i].name) && memcmp(name, sets[i].name, len) == 0)
			memcpy((char *)c + sets[i].at, &set, sizeof(set));
	}
	if (IS("Groups"))
		status_groups(value, c);
	else if (IS("Tgid"))
		s->tgid = status_last(value);
	else if (IS("NSpid"))
		s->inner_tid = status_last(value);
	else if (IS("NStgid"))
		s->inner_tgid = status_last(value);
#undef IS
}

int target_status(int proc, pid_t tid, struct target_status *ret)
{
	char path[TARGET_NAME];
	auto_free char *text = NULL;
	auto_fd fd = -1;

	*ret = (struct target_status){ 0 };
	(void)snprintf(path, sizeof(path), "%d/status", tid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	text = fd < 0 ? NULL : fd_read_all(fd, TARGET_STATUS_MAX, NULL);
	if (!text)
		return errno;
	for (const char *line = text, *next; *line; line = next) {
		size_t name = strcspn(line, ":\n");

		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (line[name] == ':' && (strncmp(line, "Groups", name) != 0 || !ret->creds.groups))
			status_line(ret, line, name, line + name + 1);
	}
	return 0;
}

void target_status_done(struct target_status *s)
{
	free(s->creds.groups);
	s->creds.groups = NULL;
}

/*
 * The path of its working directory is that in its mount namespace.  Below a root of chroot(2) it is
 * another there, and nothing is found.
 */
int target_open_program(const struct target *t, int dirfd, const char *path, bool empty_path)
{
	char name[TARGET_NAME], dir[PATH_TEXT_MAX], whole[2 * PATH_TEXT_MAX];
	auto_fd root = -1;
	ssize_t n;

	(void)snprintf(name, sizeof(name), "fd/%d", dirfd);
	if (!*path)
		return empty_path && dirfd >= 0 ? target_openat(t, name, O_PATH)
						: (errno = ENOENT, -1);
	if (dirfd == AT_FDCWD)
		(void)strcpy(name, "cwd");
	(void)snprintf(whole, sizeof(whole), "%d/%s", t->tid, name);
	n = *path == '/' ? 0 : readlinkat(t->proc, whole, dir, sizeof(dir) - 1);
	if (n < 0)
		return -1;
	dir[n] = '\0';
	(void)snprintf(whole, sizeof(whole), "%s/%s", dir, path);
	root = target_openat(t, "root", O_PATH | O_DIRECTORY);
	return root < 0 ? -1 : path_open_in_root(root, whole, O_PATH, 0);
}

bool target_is_beside(const struct target *t, int process)
{
	char path[TARGET_NAME];
	struct stat own, other;

	(void)snprintf(path, sizeof(path), "%d/ns/pid", t->tid);
	return fstatat(t->proc, path, &own, 0) == 0 && fstatat(process, "ns/pid", &other, 0) == 0 &&
	       own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

int target_open_proc(const struct target *t)
{
	auto_fd root = target_openat(t, "root", O_PATH | O_DIRECTORY);
	auto_fd fd = root < 0 ? -1 : path_open_beneath(root, "proc", O_PATH | O_DIRECTORY, 0);

	if (fd >= 0 && !proc_is_fs(fd)) {
		errno = ENOENT;
		return -1;
	}
	return fd_take(&fd);
}

int target_take_fd(const struct target *t, int fd)
{
	struct target_status s;
	auto_fd process = -1;
	int code = target_status(t->proc, t->tid, &s);

	if (code) {
		errno = code;
		return -1;
	}
	target_status_done(&s);
	process = (int)syscall(SYS_pidfd_open, s.tgid, 0);
	return process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, fd, 0);
}
