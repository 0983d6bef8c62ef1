/*
 * file: makes a plain file of a layer, or queues it for the writer.
 * Writes below the stage's descriptor only.
 */
#include "unpack/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unpack/meta.h"
#include "unpack/writer.h"
#include "util/fd.h"
#include "util/sum.h"

/* A hole after the last data: set the size, write nothing. */
static int file_write(struct stage *s, int fd, const struct entry *n, struct archive *tar,
	struct sum *sum, struct err *e)
{
	const void *buf;
	size_t len;
	la_int64_t at, end = 0;
	int r;

	while ((r = archive_read_data_block(tar, &buf, &len, &at)) == ARCHIVE_OK) {
		if (at < 0 || at > n->size || (int64_t)len > n->size - at)
			return err_set(e, 0, "entry %s: more data than its header states", n->path);
		if (stage_count_bytes(s, len, e) < 0)
			return -1;
		/* A block that follows the last one needs no seek. */
		if (at != end && lseek(fd, at, SEEK_SET) < 0)
			return entry_error(e, n, errno);
		if (fd_write_full(fd, buf, len) < 0)
			return entry_error(e, n, errno);
		if (s->work->request.record)
			sum_add(sum, (uint64_t)at, buf, len);
		end = at + (int64_t)len;
	}
	if (r != ARCHIVE_EOF)
		return err_set(e, 0, "entry %s: %s", n->path, archive_error_string(tar));
	/*
	 * libarchive 3.7.4 looks for the real size of a sparse file in the GNU fields of every
	 * header, where star stores a time.  A file with data and without holes has the size of its
	 * data.
	 */
	if (end > 0 && archive_entry_sparse_count(n->raw) == 0)
		return 0;
	return end != n->size && ftruncate(fd, n->size) < 0 ? entry_error(e, n, errno) : 0;
}

/* Write an open file's contents, and set its attributes.  mode is its present one. */
static int file_fill(struct stage *s, int fd, mode_t mode, const struct entry *n,
	struct archive *tar, struct err *e)
{
	const struct timespec times[2] = { n->mtime, n->mtime };
	struct sum sum = SUM_NONE;
	struct stat st;

	if (tar && file_write(s, fd, n, tar, &sum, e) < 0)
		return -1;
	if (meta_xattrs(s->tables, fd, n, e) < 0)
		return -1;
	/* Writing clears setuid and setgid, and so may creating: inode(7). */
	if (((n->mode & 07000) || mode != n->mode) && fchmod(fd, n->mode) < 0)
		return entry_error(e, n, errno);
	if (n->has_mtime && futimens(fd, times) < 0)
		return entry_error(e, n, errno);
	if (s->work->request.record &&
		contents_put_fd(&s->tables->contents, fd, sum_end(&sum), e) < 0)
		return err_wrap(e, "entry %s", n->path);
	if ((n->uid || n->gid || n->kind != ENTRY_FILE) && fstat(fd, &st) == 0)
		meta_owner(s->tables, st.st_ino, n);
	return 0;
}

static int file_make_here(
	struct stage *s, int dir, const struct entry *n, struct archive *tar, struct err *e)
{
	/*
	 * Setting user.* needs write permission on the file, whatever its descriptor allows:
	 * xattr(7).
	 */
	const mode_t mode = archive_entry_xattr_count(n->raw) > 0 ? n->mode | 0200 : n->mode;
	auto_fd fd = stage_create(s, dir, n, mode, e);

	return fd < 0 ? -1 : file_fill(s, fd, mode, n, tar, e);
}

int file_rewrite(
	struct stage *s, int dir, const struct entry *n, struct archive *tar, struct err *e)
{
	auto_fd fd = -1;

	/* Its mode may forbid even its owner to write. */
	if (fchmodat(dir, n->name, 0600, 0) < 0)
		return entry_error(e, n, errno);
	fd = openat(dir, n->name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? entry_error(e, n, errno) : file_fill(s, fd, 0600, n, tar, e);
}

/* Read the contents of a file without holes into memory. */
static int file_read(struct stage *s, struct writer_file *f, const struct entry *n,
	struct archive *tar, struct err *e)
{
	const void *buf;
	size_t len;
	la_int64_t at;
	int r;

	f->len = 0;
	while ((r = archive_read_data_block(tar, &buf, &len, &at)) == ARCHIVE_OK) {
		if (at < (int64_t)f->len || at > n->size || (int64_t)len > n->size - at)
			return err_set(e, 0, "entry %s: more data than its header states", n->path);
		if (stage_count_bytes(s, len, e) < 0)
			return -1;
		memset(f->data + f->len, 0, (size_t)at - f->len);
		memcpy(f->data + at, buf, len);
		f->len = (size_t)at + len;
	}
	if (r != ARCHIVE_EOF)
		return err_set(e, 0, "entry %s: %s", n->path, archive_error_string(tar));
	f->size = f->len > 0 ? f->len : (size_t)n->size; /* see file_write */
	return 0;
}

/* The writer makes small files, unless they have attributes that it does not set. */
static bool file_may_wait(const struct stage *s, const struct entry *n)
{
	return n->kind == ENTRY_FILE && s->straight && n->size <= WRITER_FILE_MAX &&
	       archive_entry_xattr_count(n->raw) == 0 && archive_entry_sparse_count(n->raw) == 0;
}

static int file_queue(struct stage *s, const struct entry *n, struct archive *tar, struct err *e)
{
	struct writer_file *f = writer_next(s->writer, e);

	if (!f)
		return -1;
	memcpy(f->path, n->path, strlen(n->path) + 1);
	f->name = (size_t)(n->name - n->path);
	f->mode = n->mode;
	f->uid = n->uid;
	f->gid = n->gid;
	f->has_mtime = n->has_mtime;
	f->mtime = n->mtime;
	f->record = s->work->request.record;
	if (file_read(s, f, n, tar, e) < 0)
		return -1;
	writer_add(s->writer, f);
	return 0;
}

static int file_make_way(void *stage, int dir, const struct writer_file *f, struct err *e)
{
	return stage_clear(stage, dir, f->path + f->name, f->path, e);
}

static int file_made(void *stage, const struct writer_file *f, struct err *e)
{
	struct stage *s = stage;
	const struct entry n = { .kind = ENTRY_FILE, .uid = f->uid, .gid = f->gid };

	(void)e;
	if (f->record)
		contents_put(&s->tables->contents, &f->st, f->sum);
	if (f->uid || f->gid)
		meta_owner(s->tables, f->st.st_ino, &n);
	return 0;
}

void file_begin(struct stage *s)
{
	const struct writer_owner owner = { s, file_made, file_make_way };

	s->writer = writer_new(&owner);
}

int file_make(struct stage *s, int dir, const struct entry *n, struct archive *tar, struct err *e)
{
	return file_may_wait(s, n) ? file_queue(s, n, tar, e) : file_make_here(s, dir, n, tar, e);
}
