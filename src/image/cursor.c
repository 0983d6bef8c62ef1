/*
 * cursor: feeds a tar reader from a place in a file.
 * Reads the descriptor it is given; writes nothing.
 */
#include "image/cursor.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/tar_reader.h"

static la_ssize_t cursor_read(struct archive *a, void *arg, const void **buf)
{
	struct cursor *c = arg;
	void *to = c->place ? c->place : c->buf;
	ssize_t n;

	do
		n = pread(c->fd, to, c->block, c->pos);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		archive_set_error(a, errno, "%s", strerror(errno));
		return -1;
	}
	c->pos += n;
	*buf = to;
	return n;
}

static la_int64_t cursor_skip(struct archive *a, void *arg, la_int64_t request)
{
	struct cursor *c = arg;
	struct stat st;

	(void)a;
	/* Never past the end: the read that follows must find that a member is cut off. */
	if (fstat(c->fd, &st) < 0 || c->pos >= st.st_size)
		return 0;
	if (request > st.st_size - c->pos)
		request = st.st_size - c->pos;
	c->pos += request;
	return request;
}

int cursor_open(struct cursor *c, struct archive **ret)
{
	return tar_reader_open(ret, c, cursor_read, cursor_skip);
}
