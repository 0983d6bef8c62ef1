/*
 * names: what a directory holds, name by name.
 * Reads the directory that it is given.
 *
 * readdir(3) would ask for the kind of the descriptor first, and have half as much read at once.
 */
#include "util/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "util/fd.h"
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
