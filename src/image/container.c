/*
 * container: names and bytes of the members of an image archive or layout folder.
 * Reads the descriptor it is given; writes nothing.
 */
#include "image/container.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/cursor.h"
#include "util/fd.h"
#include "util/magic.h"
#include "util/path.h"
#include "util/table.h"
#include "util/tar_reader.h"

#define CONTAINER_SCAN_BLOCK \
	4096 /* headers are read in small bites: the data between them is skipped */
#define CONTAINER_LINKS_MAX 8 /* links between members that are followed */

/* Add a member to the index.  Names that leave the root cannot be asked for: left out. */
static void container_add(
	struct container *c, struct archive *a, struct archive_entry *entry, int64_t from)
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
		.offset = from + archive_read_header_position(a),
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
static size_t container_slot(const struct container *c, const char *name)
{
	const uint64_t h = table_hash(name, strlen(name));
	size_t i = (size_t)(h ^ h >> 32) & (c->n_slots - 1);

	while (c->slots[i] && strcmp(c->members[c->slots[i] - 1].name, name) != 0)
		i = (i + 1) & (c->n_slots - 1);
	return i;
}

/* By name; the last of a name in the tar wins. */
static void container_hash_names(struct container *c)
{
	c->n_slots = 64;
	while (c->n_slots < 2 * c->n)
		c->n_slots *= 2;
	c->slots = arena_alloc(&c->arena, c->n_slots * sizeof(*c->slots));
	for (size_t i = 0; i < c->n; i++)
		c->slots[container_slot(c, c->members[i].name)] = (uint32_t)i + 1;
}

/* Not a tar, or one without an entry: say what it is. */
static int container_strange(const struct container *c, struct err *e)
{
	auto_free char *head = xmalloc(MAGIC_BYTES);
	ssize_t n = pread(c->fd, head, MAGIC_BYTES, 0);

	if (n < 0)
		return err_set(e, errno, "%s: read", c->what);
	(void)magic_error(head, (size_t)n, e);
	return err_wrap(e, "%s", c->what);
}

/* Where the data of a hard link ends that the reader has taken for a header, as its header says;
 * 0 where it has none.  behind: where that header ends. */
static int64_t container_link_end(const struct container *c, int64_t behind)
{
	char header[TAR_READER_BLOCK];
	int64_t size = 0;

	if (behind >= TAR_READER_BLOCK &&
		pread(c->fd, header, sizeof(header), behind - TAR_READER_BLOCK) == sizeof(header))
		size = tar_reader_link_size(header);
	return size > 0 && size < INT64_MAX - behind - TAR_READER_BLOCK
		       ? behind +
				 (size + TAR_READER_BLOCK - 1) / TAR_READER_BLOCK * TAR_READER_BLOCK
		       : 0;
}

/* Read headers from offset `from` on.  Returns 0, or -1 with e; or the offset to go on at. */
static int64_t container_scan(struct container *c, void *buf, int64_t from, struct err *e)
{
	struct cursor cur = { .fd = c->fd, .pos = from, .block = CONTAINER_SCAN_BLOCK, .buf = buf };
	auto_tar_reader a = NULL;
	struct archive_entry *entry;
	int64_t link = 0; /* where the header of the last entry ends, if that is a hard link */
	int r = cursor_open(&cur, &a);

	while (r == ARCHIVE_OK || r == ARCHIVE_WARN) {
		r = archive_read_next_header(a, &entry);
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			break;
		container_add(c, a, entry, from);
		link = archive_entry_hardlink(entry) ? from + archive_filter_bytes(a, 0) : 0;
	}
	if (r == ARCHIVE_RETRY && link && (link = container_link_end(c, link)))
		return link;
	if (from == 0 && a && archive_file_count(a) == 0 &&
		(r == ARCHIVE_EOF || !archive_format(a)))
		return container_strange(c, e);
	if (r == ARCHIVE_EOF)
		return 0;
	(void)tar_reader_error(a, e);
	return err_wrap(e, "%s", c->what);
}

static int container_index(struct container *c, struct err *e)
{
	auto_free void *buf = xmalloc(CONTAINER_SCAN_BLOCK);
	int64_t at = 0;

	do
		at = container_scan(c, buf, at, e);
	while (at > 0);
	if (at == 0)
		container_hash_names(c);
	return (int)at;
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
	c->n = c->room = 0;
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

bool container_has(struct container *c, const char *name)
{
	char clean[PATH_TEXT_MAX];
	struct stat st;

	if (path_clean(name, clean, sizeof(clean)) < 0)
		return false;
	if (!c->is_dir)
		return container_find(c, clean) != NULL;
	auto_fd fd = path_open_in_root(c->fd, clean, O_PATH, 0);
	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}
