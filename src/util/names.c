/*
 * names: what a directory holds, name by name.
 * Reads the directory that it is given.
 *
 * readdir(3) would ask for the kind of the descriptor first, and have half as much read at once.
 */
#include "util/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "util/fd.h"
#include "util/path_max.h"
#include "util/sys.h"

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

void names_few(int dirfd, size_t most, bool (*want)(const char *name, void *arg),
	void (*fn)(const char *name, void *arg), void *arg)
{
	char front[NAMES_FRONT][PATH_NAME_MAX + 1];
	struct timespec now = { 0 };
	size_t n = 0, first = 0;
	const char *name;
	auto_names d;

	(void)names_open(&d, dirfd);
	for (size_t i = 0; n < NAMES_FRONT && (!most || i < most) && (name = names_next(&d)); i++)
		if (strlen(name) <= PATH_NAME_MAX && want(name, arg))
			memcpy(front[n++], name, strlen(name) + 1);
	if (n > NAMES_FEW && clock_gettime(CLOCK_MONOTONIC, &now) == 0)
		first = (size_t)now.tv_nsec / 1000 % n;
	for (size_t i = 0; i < n && i < NAMES_FEW; i++)
		fn(front[(first + i) % n], arg);
}
