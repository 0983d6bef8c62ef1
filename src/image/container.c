/*
 * container: finds the members of an image archive or layout folder by name.
 * Reads the given descriptor; writes nothing.
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
#include "util/magic.h"
#include "util/path.h"
#include "util/table.h"
#include "util/tar_reader.h"

#define CONTAINER_SCAN_BLOCK 4096 /* read headers in small pieces, and skip the data between them */
#define CONTAINER_LINKS_MAX 8	  /* links followed from member to member */

static la_ssize_t container_cursor_read(struct archive *a, void *arg, const void **buf)
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

static la_int64_t container_cursor_skip(struct archive *a, void *arg, la_int64_t request)
{
	struct container_cursor *c = arg;
	struct stat st;

	(void)a;
	/* Never skip past the end: the next read must find that a member is cut off. */
	if (fstat(c->fd, &st) < 0 || c->pos >= st.st_size)
		return 0;
	if (request > st.st_size - c->pos)
		request = st.st_size - c->pos;
	c->pos += request;
	return request;
}

int container_cursor_open(struct container_cursor *c, struct archive **ret)
{
	return tar_reader_open(ret, c, container_cursor_read, container_cursor_skip);
}

/* Add a member to the index, unless its name leaves the root: nobody can ask for that. */
static void container_add(struct container *c, struct archive *a, struct archive_entry *entry)
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
	c->members = xgrow(c->members, c->n, sizeof(*c->members));
	m = &c->members[c->n];
	*m = (struct member){
		.offset = archive_read_header_position(a),
		.size = archive_entry_size(entry),
	};
	if (hard || sym) {
		const char *base;
		int n = sym ? (int)path_split(clean, &base) : 0;

		/* An absolute symlink starts at the archive's root, as it would at the image's. */
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
static size_t container_slot(const struct container *c, const char *name)
{
	const uint64_t h = table_hash(name, strlen(name));
	size_t i = (size_t)(h ^ h >> 32) & (c->n_slots - 1);

	while (c->slots[i] && strcmp(c->members[c->slots[i] - 1].name, name) != 0)
		i = (i + 1) & (c->n_slots - 1);
	return i;
}

/* Hash the names; the last member of a name counts. */
static void container_hash_names(struct container *c)
{
	c->n_slots = 64;
	while (c->n_slots < 2 * c->n)
		c->n_slots *= 2;
	c->slots = arena_alloc(&c->arena, c->n_slots * sizeof(*c->slots));
	for (size_t i = 0; i < c->n; i++)
		c->slots[container_slot(c, c->members[i].name)] = (uint32_t)i + 1;
}

/* It is not a tar, or has no entry: say what it is. */
static int container_strange(const struct container *c, struct err *e)
{
	auto_free char *head = xmalloc(MAGIC_BYTES);
	ssize_t n = pread(c->fd, head, MAGIC_BYTES, 0);

	if (n < 0)
		return err_set(e, errno, "%s: read", c->what);
	(void)magic_error(head, (size_t)n, e);
	return err_wrap(e, "%s", c->what);
}

/*
 * Members count from the folder that all of them are in: an image that was packed with its folder's
 * name in front is found.  A root file system is not read by members.
 */
static void container_strip_folder(struct container *c)
{
	const char *name, *first = c->n ? c->members[0].name : "";
	size_t in = path_split(first, &name), n = in + (in > 0);

	for (size_t i = 1; i < c->n; i++)
		while (n && strncmp(c->members[i].name, first, n) != 0) {
			for (n--; n && first[n - 1] != '/'; n--)
				;
		}
	for (size_t i = 0; n && i < c->n; i++) {
		struct member *m = &c->members[i];

		m->name += n;
		if (m->link && strncmp(m->link, first, n) == 0)
			m->link += n;
	}
}

static int container_index(struct container *c, struct err *e)
{
	auto_free void *buf = xmalloc(CONTAINER_SCAN_BLOCK);
	struct container_cursor cur = { .fd = c->fd, .block = CONTAINER_SCAN_BLOCK, .buf = buf };
	auto_tar_reader a = NULL;
	struct archive_entry *entry;
	bool link = false;
	int r = container_cursor_open(&cur, &a);

	while (r == ARCHIVE_OK || r == ARCHIVE_WARN || (r == ARCHIVE_RETRY && link)) {
		r = archive_read_next_header(a, &entry);
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			continue; /* perhaps the data of a hard link, see feed_again() */
		container_add(c, a, entry);
		link = archive_entry_hardlink(entry);
	}
	if (a && archive_file_count(a) == 0 && (r == ARCHIVE_EOF || !archive_format(a)))
		return container_strange(c, e);
	if (r != ARCHIVE_EOF) {
		(void)tar_reader_error(a, e);
		return err_wrap(e, "%s", c->what);
	}
	container_strip_folder(c);
	container_hash_names(c);
	return 0;
}

int container_open(struct container *c, int fd, const char *what, struct err *e)
{
	struct stat st;

	*c = (struct container){ .fd = fd, .what = what };
	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "%s", what);
	c->is_dir = S_ISDIR(st.st_mode);
	return c->is_dir ? 0 : container_index(c, e);
}

void container_done(struct container *c)
{
	free(c->members);
	c->members = NULL;
	c->n = 0;
	arena_done(&c->arena);
}

const struct member *container_find(const struct container *c, const char *name)
{
	for (int links = 0; links <= CONTAINER_LINKS_MAX; links++) {
		uint32_t number = c->slots[container_slot(c, name)];

		if (!number)
			return NULL;
		if (!c->members[number - 1].link)
			return &c->members[number - 1];
		name = c->members[number - 1].link;
	}
	return NULL;
}

/* Is fd open on something below dirfd?  Without /proc nothing is known to be. */
static bool container_is_inside(int dirfd, int fd)
{
	char link[32], dir[PATH_TEXT_MAX], file[PATH_TEXT_MAX];
	ssize_t n = readlink(path_of_fd(link, sizeof(link), dirfd), dir, sizeof(dir));
	ssize_t m = readlink(path_of_fd(link, sizeof(link), fd), file, sizeof(file));

	return n > 0 && m > n && (size_t)m < sizeof(file) && memcmp(dir, file, (size_t)n) == 0 &&
	       file[n] == '/';
}

/*
 * Links of a layout that is kept in Git are relative, and lead inside.  Those of build systems and
 * of stores of packages are absolute: they have to be followed to see where they lead.
 */
int container_open_file(const struct container *c, const char *name, int flags)
{
	int fd = path_open_in_root(c->fd, name, flags, 0);
	char link[32];

	if (fd >= 0 || errno != ENOENT)
		return fd;
	auto_fd at = openat(c->fd, name, O_PATH | O_CLOEXEC);
	if (at < 0)
		return -1;
	if (!c->follow_links && !container_is_inside(c->fd, at)) {
		errno = EXDEV;
		return -1;
	}
	return open(path_of_fd(link, sizeof(link), at), flags | O_CLOEXEC);
}

bool container_has(struct container *c, const char *name)
{
	char clean[PATH_TEXT_MAX];
	struct stat st;

	if (path_clean(name, clean, sizeof(clean)) < 0)
		return false;
	if (!c->is_dir)
		return container_find(c, clean) != NULL;
	auto_fd fd = container_open_file(c, clean, O_PATH);
	return fd < 0 ? errno == EXDEV : fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}
