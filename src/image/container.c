/*
 * container: names and bytes of the members of an image archive or layout folder.
 * Reads the descriptor it was given with pread(2), so that members can be read side by side; writes
 * nothing.
 */
#include "image/container.h"

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

#define SCAN_BLOCK 4096 /* headers are read in small bites: the data between them is skipped */
#define HOLES_MAX (4ll << 30) /* bytes read out of holes of sparse members, in all */
#define LINKS_MAX 8	      /* links between members that are followed */
#define TEXT_LINK_MAX 256     /* bytes of a file that stands for a symlink */

static la_ssize_t cursor_read(struct archive *a, void *arg, const void **buf)
{
	struct container_cursor *c = arg;
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
	struct container_cursor *c = arg;
	struct stat st;

	(void)a;
	/* Never past the end: a truncated member must be seen as such by the read that follows. */
	if (fstat(c->fd, &st) < 0 || c->pos >= st.st_size)
		return 0;
	if (request > st.st_size - c->pos)
		request = st.st_size - c->pos;
	c->pos += request;
	return request;
}

/* A reader at the cursor, see tar_reader_open. */
static int cursor_open(struct container_cursor *c, struct archive **ret)
{
	return tar_reader_open(ret, c, cursor_read, cursor_skip);
}

/* Add a member to the index.  Names that leave the root cannot be asked for: left out. */
static void index_add(struct container *c, struct archive *a, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	const char *hard = archive_entry_hardlink(entry), *sym = archive_entry_symlink(entry);
	char clean[PATH_TEXT_MAX], joined[PATH_TEXT_MAX], target[PATH_TEXT_MAX];
	struct member *m;

	if (!name || path_clean(name, clean, sizeof(clean)) < 0)
		return;
	if (archive_entry_filetype(entry) == AE_IFREG && (archive_entry_perm(entry) & 0111))
		c->has_program = true;
	if (c->too_many || (archive_entry_filetype(entry) != AE_IFREG && !hard && !sym))
		return;
	if (c->n == CONTAINER_MEMBERS_MAX) {
		c->too_many = true;
		return;
	}
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->members = xrealloc(c->members, c->room * sizeof(*c->members));
	}
	m = &c->members[c->n];
	*m = (struct member){
		.offset = archive_read_header_position(a),
		.size = archive_entry_size(entry),
	};
	if (hard || sym) {
		const char *base;
		int n = sym ? (int)path_split(clean, &base) : 0;

		/* An absolute symlink counts from the archive's root, as it would from the image's.
		 */
		n = snprintf(joined, sizeof(joined), "%.*s/%s", sym && sym[0] == '/' ? 0 : n, clean,
			sym ? sym : hard);
		if (n >= (int)sizeof(joined) || path_clean(joined, target, sizeof(target)) < 0)
			return;
		m->link = arena_strdup(&c->arena, target);
	}
	m->name = arena_strdup(&c->arena, clean);
	c->n++;
}

/* The slot of name in the table of numbers (of a member, plus one): its own, or the free one where
 * it would go. */
static size_t slot_of(const struct container *c, const char *name)
{
	uint64_t h = 14695981039346656037ull; /* FNV-1a */
	size_t i;

	for (const char *p = name; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211ull;
	i = (size_t)(h ^ h >> 32) & (c->n_slots - 1);
	while (c->slots[i] && strcmp(c->members[c->slots[i] - 1].name, name) != 0)
		i = (i + 1) & (c->n_slots - 1);
	return i;
}

/* By name; the last of a name in the tar wins. */
static void index_names(struct container *c)
{
	c->n_slots = 64;
	while (c->n_slots < 2 * c->n)
		c->n_slots *= 2;
	c->slots = arena_alloc(&c->arena, c->n_slots * sizeof(*c->slots));
	for (size_t i = 0; i < c->n; i++)
		c->slots[slot_of(c, c->members[i].name)] = (uint32_t)i + 1;
}

static int index_tar(struct container *c, struct err *e)
{
	auto_free void *buf = xmalloc(SCAN_BLOCK);
	struct container_cursor cur = { .fd = c->fd, .block = SCAN_BLOCK, .buf = buf };
	auto_tar_reader a = NULL;
	struct archive_entry *entry;
	int r = cursor_open(&cur, &a);

	if (r != ARCHIVE_OK)
		return err_set(e, 0, "%s: neither a tar nor a compressed tar", c->what);
	while ((r = archive_read_next_header(a, &entry)) == ARCHIVE_OK || r == ARCHIVE_WARN)
		index_add(c, a, entry);
	if (r != ARCHIVE_EOF)
		return archive_file_count(a) > 0
		       ? (void)tar_reader_error(a, e),
		       err_wrap(e, "%s", c->what)
		       : err_set(e, 0, "%s: neither a tar nor a compressed tar", c->what);
	if (archive_file_count(a) == 0 && archive_format(a) == ARCHIVE_FORMAT_EMPTY)
		return err_set(e, 0, "%s: empty file", c->what);
	index_names(c);
	return 0;
}

int container_open(struct container *c, int fd, const char *what, struct err *e)
{
	struct stat st;

	*c = (struct container){ .fd = fd, .what = what };
	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "%s", what);
	c->is_dir = S_ISDIR(st.st_mode);
	return c->is_dir ? 0 : index_tar(c, e);
}

void container_done(struct container *c)
{
	free(c->members);
	c->members = NULL;
	c->n = c->room = 0;
	arena_done(&c->arena);
}

static struct member *find(struct container *c, const char *name)
{
	for (int links = 0; links <= LINKS_MAX; links++) {
		uint32_t number = c->slots[slot_of(c, name)];

		if (!number)
			return NULL;
		if (!c->members[number - 1].link)
			return &c->members[number - 1];
		name = c->members[number - 1].link;
	}
	return NULL;
}

bool container_has(struct container *c, const char *name)
{
	char clean[PATH_TEXT_MAX];
	struct stat st;

	if (path_clean(name, clean, sizeof(clean)) < 0)
		return false;
	if (!c->is_dir)
		return find(c, clean) != NULL;
	auto_fd fd = path_open_in_root(c->fd, clean, O_PATH, 0);
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

char *container_read(
	struct container *c, const char *name, size_t max, size_t *ret_len, struct err *e)
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

/*
 * Open a member of a folder.  A layout that is kept in Git has its blobs as symlinks, and a
 * checkout without symlinks (core.symlinks=false) has files that hold the target's name instead;
 * they are followed likewise, inside the folder. What is read through them is checked against its
 * digest as ever.
 */
static int open_in_dir(int dirfd, const char *name)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
	char text[TEXT_LINK_MAX], joined[PATH_TEXT_MAX + TEXT_LINK_MAX], clean[PATH_TEXT_MAX];
	int fd = path_open_in_root(dirfd, name, flags, 0);
	struct stat st;
	const char *base;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < 4 ||
		st.st_size >= TEXT_LINK_MAX)
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
		       : path_open_in_root(dirfd, clean, flags, 0);
}

static ssize_t dir_next(struct stream *stream, const void **buf, struct err *e)
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
			     : err_set(e, 0, "%s: the file shrank while it was read", s->what);
	s->done += n;
	*buf = to;
	return n;
}

static int member_error(const struct member_stream *s, struct err *e)
{
	(void)tar_reader_error(s->reader, e);
	return err_wrap(e, "%s", s->what);
}

/* The data of a tar member; holes of a sparse one come as zeros. */
static ssize_t tar_next(struct stream *stream, const void **buf, struct err *e)
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
		/* Holes cost nothing to make, and reading them would not end. */
		if (__atomic_add_fetch(&s->container->holes, gap, __ATOMIC_RELAXED) > HOLES_MAX)
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

static int open_tar_member(struct member_stream *s, struct member *m, struct err *e)
{
	struct archive_entry *entry;

	s->cursor = (struct container_cursor){
		.fd = s->container->fd,
		.pos = m->offset,
		.block = STREAM_CHUNK,
		.buf = xmalloc(STREAM_CHUNK),
	};
	if (cursor_open(&s->cursor, &s->reader) != ARCHIVE_OK)
		return member_error(s, e);
	if (archive_read_next_header(s->reader, &entry) < ARCHIVE_WARN)
		return member_error(s, e);
	if (archive_entry_filetype(entry) != AE_IFREG)
		return err_set(e, 0, "%s: no regular file", s->what);
	s->size = archive_entry_size(entry);
	s->whole = archive_entry_sparse_count(entry) == 0;
	s->stream.next = tar_next;
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
		struct member *m = find(c, clean);

		return m ? open_tar_member(s, m, e)
			 : err_set(e, 0, "%s: %s: missing from the archive", c->what, name);
	}
	s->fd = open_in_dir(c->fd, clean);
	if (s->fd < 0)
		return err_set(e, errno, "%s: %s", c->what, name);
	if (fstat(s->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, 0, "%s: %s: no regular file", c->what, name);
	s->size = st.st_size;
	s->cursor.buf = xmalloc(STREAM_CHUNK);
	s->stream.next = dir_next;
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
