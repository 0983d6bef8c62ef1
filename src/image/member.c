/*
 * member: reads a member from a tar or a folder.
 * Reads the descriptor of the container; writes nothing.
 */
#include "image/member.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/path.h"
#include "util/tar_reader.h"

#define MEMBER_HOLES_MAX (4ll << 30) /* bytes read from holes of sparse members, in total */
#define MEMBER_LINK_MAX 256	     /* bytes of a file that replaces a symlink */

/*
 * Open a member of a folder.  In a layout that is kept in Git blobs can be symlinks, and in a
 * checkout without symlinks (core.symlinks=false) files that contain the target's name.  Both are
 * followed, inside the folder; the digest is checked as for any blob.
 */
static int member_open_in_dir(const struct container *c, const char *name)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
	char text[MEMBER_LINK_MAX], joined[PATH_TEXT_MAX + MEMBER_LINK_MAX], clean[PATH_TEXT_MAX];
	int fd = container_open_file(c, name, flags);
	struct stat st;
	const char *base;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < 4 ||
		st.st_size >= MEMBER_LINK_MAX)
		return fd;
	n = pread(fd, text, sizeof(text) - 1, 0);
	if (n < 4 || memcmp(text, "../", 3) != 0 || memchr(text, '\0', (size_t)n) ||
		memchr(text, '\n', (size_t)n))
		return fd;
	text[n] = '\0';
	(void)snprintf(joined, sizeof(joined), "%.*s/%s", (int)path_split(name, &base), name, text);
	fd_closep(&fd);
	return path_clean(joined, clean, sizeof(clean)) < 0
		       ? -1
		       : path_open_in_root(c->fd, clean, flags, 0);
}

static ssize_t member_next_of_dir(struct stream *stream, const void **buf, struct err *e)
{
	struct member_stream *s = (struct member_stream *)stream;
	int64_t left = s->size - s->done;
	size_t want = left < (int64_t)STREAM_CHUNK ? (size_t)left : STREAM_CHUNK;
	void *to = stream->place ? stream->place : s->cursor.buf;
	ssize_t n;

	if (want == 0)
		return 0;
	n = fd_read_full(s->fd, to, want);
	if (n < (ssize_t)want)
		return n < 0 ? err_set(e, errno, "%s: read", s->what)
			     : err_set(e, 0, "%s: the file shrank while it was being read",
				       s->what);
	s->done += n;
	*buf = to;
	return n;
}

static int member_error(const struct member_stream *s, struct err *e)
{
	(void)tar_reader_error(s->reader, e);
	return err_wrap(e, "%s", s->what);
}

/* Read a tar member; the holes of a sparse one are zeros. */
static ssize_t member_next_of_tar(struct stream *stream, const void **buf, struct err *e)
{
	static const char zeros[4096];
	struct member_stream *s = (struct member_stream *)stream;

	s->cursor.place = s->whole ? stream->place : NULL;
	while (s->held_len == 0 && s->held_at == s->done) {
		la_int64_t at = 0;
		int r = archive_read_data_block(s->reader, &s->held, &s->held_len, &at);

		if (r == ARCHIVE_EOF) {
			s->held_len = 0;
			s->held_at = s->size;
			if (s->done >= s->size)
				return 0;
			break;
		}
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			return member_error(s, e);
		s->held_at = at;
		if (at < s->done || (int64_t)s->held_len > s->size - at)
			return err_set(e, 0, "%s: damaged tar: data out of order", s->what);
	}
	if (s->held_at > s->done) {
		int64_t gap = s->held_at - s->done;

		gap = gap < (int64_t)sizeof(zeros) ? gap : (int64_t)sizeof(zeros);
		/* A hole costs nothing to make, and reading it might never end. */
		if (__atomic_add_fetch(&s->container->holes, gap, __ATOMIC_RELAXED) >
			MEMBER_HOLES_MAX)
			return err_set(e, 0, "%s: over 4 GiB of holes in the archive", s->what);
		s->done += gap;
		*buf = zeros;
		return (ssize_t)gap;
	}
	ssize_t n = (ssize_t)s->held_len;
	*buf = s->held;
	s->held_at = s->done += n;
	s->held_len = 0;
	return n;
}

static int member_open_in_tar(struct member_stream *s, const struct member *m, struct err *e)
{
	struct archive_entry *entry;

	s->cursor = (struct container_cursor){
		.fd = s->container->fd,
		.pos = m->offset,
		.block = STREAM_CHUNK,
		.buf = xmalloc(STREAM_CHUNK),
	};
	if (container_cursor_open(&s->cursor, &s->reader) != ARCHIVE_OK)
		return member_error(s, e);
	if (archive_read_next_header(s->reader, &entry) < ARCHIVE_WARN)
		return member_error(s, e);
	if (archive_entry_filetype(entry) != AE_IFREG)
		return err_set(e, 0, "%s: not a plain file", s->what);
	s->size = archive_entry_size(entry);
	s->whole = archive_entry_sparse_count(entry) == 0;
	s->stream.next = member_next_of_tar;
	return 0;
}

int member_open(struct member_stream *s, struct container *c, const char *name, struct err *e)
{
	char clean[PATH_TEXT_MAX];
	struct stat st;

	*s = (struct member_stream){ .container = c, .fd = -1, .what = name };
	if (path_clean(name, clean, sizeof(clean)) < 0)
		return err_set(e, errno, "%s: %s", c->what, name);
	if (!c->is_dir) {
		const struct member *m = container_find(c, clean);

		return m ? member_open_in_tar(s, m, e)
			 : err_set(e, 0, "%s: %s: missing from the archive", c->what, name);
	}
	s->fd = member_open_in_dir(c, clean);
	if (s->fd < 0 && errno == EXDEV) {
		(void)err_set(e, 0, "%s: %s: the link leads out of the folder", c->what, name);
		return err_hint(e, "--follow-links follows it");
	}
	if (s->fd < 0)
		return err_set(e, errno, "%s: %s", c->what, name);
	if (fstat(s->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, 0, "%s: %s: not a plain file", c->what, name);
	s->size = st.st_size;
	s->cursor.buf = xmalloc(STREAM_CHUNK);
	s->stream.next = member_next_of_dir;
	return 0;
}

void member_close(struct member_stream *s)
{
	tar_reader_freep(&s->reader);
	fd_closep(&s->fd);
	s->fd = -1;
	free(s->cursor.buf);
	s->cursor.buf = NULL;
}

char *member_read(struct container *c, const char *name, size_t max, size_t *ret_len, struct err *e)
{
	auto_member s = { .fd = -1 };
	auto_free char *text = NULL;
	const void *chunk;
	size_t len = 0;
	ssize_t n;

	if (member_open(&s, c, name, e) < 0)
		return NULL;
	if (s.size < 0 || (uint64_t)s.size > max) {
		(void)err_set(e, 0, "%s: %s: larger than %zu bytes", c->what, name, max);
		return NULL;
	}
	text = xmalloc((size_t)s.size + 1);
	while ((n = stream_next(&s.stream, &chunk, e)) > 0) {
		memcpy(text + len, chunk, (size_t)n);
		len += (size_t)n;
	}
	if (n < 0)
		return NULL;
	text[len] = '\0';
	*ret_len = len;
	char *ret = text;
	text = NULL;
	return ret;
}
