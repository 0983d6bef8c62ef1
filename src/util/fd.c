/*
 * fd: descriptors that close themselves, and whole reads and writes.
 * Acts on the descriptors it is given; opens /proc/self/fd and /dev/null only.
 */
#include "util/fd.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/sys.h"

#define FD_READ_STEP 16384 /* first size of the buffer of fd_read_all, doubled from there */
#define FD_COPY_STEP 65536
#define FD_TRIES 16	  /* names to try for a temporary file */
#define FD_SCAN_MAX 65536 /* descriptors to close one by one, without close_range and /proc */

void fd_closep(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd); /* Linux frees the number whatever close returns, close(2) */
	*fd = -1;
	errno = saved;
}

void file_closep(FILE **f)
{
	int saved = errno;

	if (*f)
		(void)fclose(*f); /* a writer must call fclose itself, and check it */
	*f = NULL;
	errno = saved;
}

int fd_take(int *fd)
{
	int n = *fd;

	*fd = -1;
	return n;
}

ssize_t fd_read_full(int fd, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int fd_write_full(int fd, const void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, (const char *)buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

char *fd_read_all(int fd, size_t max, size_t *ret_len)
{
	auto_free char *buf = NULL;
	size_t room = max < FD_READ_STEP ? max : FD_READ_STEP, done = 0;
	struct stat st;
	char *ret;

	/* One read is enough for a regular file; files of /proc have size 0. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		room = (uint64_t)st.st_size > max ? max : (size_t)st.st_size;
	for (;;) {
		ssize_t n;

		/* One more byte: for the NUL, or as the proof that the file is larger. */
		buf = xrealloc(buf, room + 1);
		n = fd_read_full(fd, buf + done, room + 1 - done);
		if (n < 0)
			return NULL;
		done += (size_t)n;
		if (done <= room)
			break;
		if (room >= max) {
			errno = EFBIG;
			return NULL;
		}
		room = room > max / 2 ? max : room * 2;
	}
	buf[done] = '\0';
	if (ret_len)
		*ret_len = done;
	ret = buf;
	buf = NULL;
	return ret;
}

int fd_copy(int in, int out)
{
	char buf[FD_COPY_STEP];
	ssize_t n;

	if (ioctl(out, FICLONE, in) == 0)
		return 0;
	while ((n = copy_file_range(in, NULL, out, NULL, 1u << 30, 0)) > 0)
		;
	if (n == 0)
		return 0;
	/* This kernel or file system lacks the call: it failed before the first byte. */
	if (lseek(in, 0, SEEK_CUR) != 0 || (errno != EXDEV && errno != EINVAL &&
						   errno != EOPNOTSUPP && !sys_is_missing(errno)))
		return -1;
	while ((n = fd_read_full(in, buf, sizeof(buf))) > 0)
		if (fd_write_full(out, buf, (size_t)n) < 0)
			return -1;
	return n < 0 ? -1 : 0;
}

/* The time is part of the name: processes of other nodes may have the same pid here. */
int fd_create_temporary(int dirfd, char name[FD_TEMPORARY_SIZE])
{
	struct timespec now;

	for (int i = 0; i < FD_TRIES; i++) {
		int fd;

		clock_gettime(CLOCK_REALTIME, &now);
		snprintf(name, FD_TEMPORARY_SIZE, FD_TEMPORARY "%ld-%llx%lx-%d", (long)getpid(),
			(unsigned long long)now.tv_sec, (unsigned long)now.tv_nsec, i);
		fd = openat(
			dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

int fd_replace_by(int dirfd, const char *temporary, int *fd, const char *name, mode_t mode)
{
	int saved;

	/* Check close(2) too: only it reports a full disk or quota on NFS. */
	if (*fd >= 0 && fchmod(*fd, mode) == 0 && close(fd_take(fd)) == 0 &&
		renameat(dirfd, temporary, dirfd, name) == 0)
		return 0;
	saved = errno;
	(void)unlinkat(dirfd, temporary, 0);
	errno = saved;
	return -1;
}

int fd_replace_file(int dirfd, const char *name, const void *data, size_t len, mode_t mode)
{
	char temporary[FD_TEMPORARY_SIZE];
	auto_fd fd = fd_create_temporary(dirfd, temporary);

	if (fd < 0)
		return -1;
	if (fd_write_full(fd, data, len) < 0)
		fd_closep(&fd);
	return fd_replace_by(dirfd, temporary, &fd, name, mode);
}

/* Close fd; with inherited, only if an exec would hand it on. */
static void fd_close_one(int fd, bool inherited)
{
	const int flags = inherited ? fcntl(fd, F_GETFD) : 0;

	if (flags >= 0 && !(flags & FD_CLOEXEC))
		(void)close(fd);
}

/* What /proc/self/fd lists, or every possible number. */
static void fd_close_span(int first, int last, bool inherited)
{
	DIR *d = opendir("/proc/self/fd");
	struct rlimit limit = { 0 };

	if (d) {
		for (struct dirent *entry; (entry = readdir(d));) {
			char *end;
			long fd = strtol(entry->d_name, &end, 10);

			if (end != entry->d_name && !*end && fd >= first && fd <= last &&
				fd != dirfd(d))
				fd_close_one((int)fd, inherited);
		}
		(void)closedir(d);
		return;
	}
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur > FD_SCAN_MAX)
		limit.rlim_cur = FD_SCAN_MAX;
	for (int fd = first; fd <= last && (rlim_t)fd < limit.rlim_cur; fd++)
		fd_close_one(fd, inherited);
}

void fd_close_inherited(int first)
{
	fd_close_span(first, INT32_MAX, true);
}

void fd_close_from(int first, const int *keep, size_t n)
{
	for (int kept = 0; kept < INT32_MAX; first = kept + 1) {
		int last;

		kept = INT32_MAX; /* the lowest of keep from first on */
		for (size_t i = 0; i < n; i++)
			if (keep[i] >= first && keep[i] < kept)
				kept = keep[i];
		last = kept < INT32_MAX ? kept - 1 : kept;
		if (first <= last && sys_close_range((unsigned)first, (unsigned)last, 0) < 0)
			fd_close_span(first, last, false); /* Linux before 5.9 */
	}
}

int fd_open_nothing(int flags)
{
	int fd = open("/dev/null", flags);

	if (fd >= 0)
		return fd;
	fd = memfd_create("null", MFD_ALLOW_SEALING | (flags & O_CLOEXEC ? MFD_CLOEXEC : 0));
	if (fd >= 0)
		(void)fcntl(
			fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	return fd;
}

int fd_fill_std(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		int made;

		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		made = fd_open_nothing(fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
		if (made < 0)
			return -1;
		assert(made == fd); /* the lowest free number, open(2) */
	}
	return 0;
}
