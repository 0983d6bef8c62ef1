/*
 * names: reads the names in a directory.
 * Reads the directory that it is given.
 *
 * readdir(3) takes three more calls to open a directory, and reads half as much at once.
 */
#include "util/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "util/fd.h"
#include "util/sys.h"

#define NAMES_FRONT 32 /* the names to choose from */

void names_close(struct names *n)
{
	fd_closep(&n->fd);
}

int names_take(struct names *n, int fd)
{
	n->at = n->len = 0;
	n->fd = fd;
	return fd < 0 ? -1 : 0;
}

int names_open(struct names *n, int dirfd)
{
	return names_take(n, openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static bool names_is_dot(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

const char *names_next(struct names *n)
{
	for (;;) {
		const struct sys_dirent *entry = (const void *)(n->buf + n->at);

		if (n->at < n->len) {
			n->at += entry->reclen;
			n->ino = entry->ino;
			n->type = entry->type;
			if (!names_is_dot(entry->name))
				return entry->name;
			continue;
		}
		ssize_t got = n->fd < 0 ? -1 : sys_getdents(n->fd, n->buf, sizeof(n->buf));

		if (got == 0)
			errno = 0;
		if (got <= 0)
			return NULL;
		n->at = 0;
		n->len = (size_t)got;
	}
}

bool names_is_dir(const struct names *n, const char *name)
{
	struct stat st;

	if (n->type != DT_UNKNOWN)
		return n->type == DT_DIR;
	return fstatat(n->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

bool names_match(const char *name, const char *begin, const char *end)
{
	size_t n = strlen(name), len = strlen(end);

	return strncmp(name, begin, strlen(begin)) == 0 && n >= len &&
	       strcmp(name + n - len, end) == 0;
}

size_t names_few(
	int dirfd, const char *begin, const char *end, size_t most, char ret[NAMES_FEW][NAMES_SIZE])
{
	char front[NAMES_FRONT][NAMES_SIZE];
	struct timespec now = { 0 };
	size_t n = 0, few, first = 0;
	const char *name;
	auto_names d;

	(void)names_open(&d, dirfd);
	while (n < NAMES_FRONT && most-- > 0 && (name = names_next(&d)))
		if (names_match(name, begin, end))
			(void)snprintf(front[n++], NAMES_SIZE, "%s", name);
	few = n < NAMES_FEW ? n : NAMES_FEW;
	if (n > few && clock_gettime(CLOCK_MONOTONIC, &now) == 0)
		first = (size_t)now.tv_nsec / 1000 % n;
	for (size_t i = 0; i < few; i++)
		memcpy(ret[i], front[(first + i) % n], NAMES_SIZE);
	return few;
}
