/*
 * contents: the record of what was unpacked, entry by entry.
 * Touches memory and the given file; reads the files it is given the names of.
 *
 * A digest of each file would take a third of the time of unpacking, and would prove no more:
 * whoever can change the tree can change the record beside it.  The digests of the layers prove
 * what the image was while they are read.  After that only accidents are looked for, and a 64-bit
 * checksum, computed while the bytes pass by, finds those.
 */
#include "unpack/contents.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/path.h"
#include "util/sum.h"

struct contents_file {
	uint64_t ino;
	uint64_t size, time, sum;
	mode_t mode;
	bool gone;
};

static uint64_t contents_time(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
}

void contents_put(struct inodes *c, const struct stat *st, uint64_t sum)
{
	struct contents_file *f = inodes_put(c, st->st_ino, sizeof(*f));

	*f = (struct contents_file){
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.time = contents_time(st),
		.sum = sum,
		.mode = st->st_mode & 07777,
	};
}

static bool contents_is_there(const void *file)
{
	return !((const struct contents_file *)file)->gone;
}

void contents_drop(struct inodes *c, uint64_t ino)
{
	struct contents_file *f = inodes_get(c, ino, sizeof(*f));

	if (f)
		f->gone = true;
}

void contents_move(struct inodes *to, struct inodes *from)
{
	inodes_move(to, from, sizeof(struct contents_file), contents_is_there);
}

int contents_put_fd(struct inodes *c, int fd, uint64_t sum, struct err *e)
{
	struct stat st;

	/* Record what the file system made of it: it may store less of a time or a mode. */
	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "stat");
	contents_put(c, &st, sum);
	return 0;
}

static int contents_link(struct content *c, int fd, const char *name)
{
	char text[PATH_TEXT_MAX];
	struct sum sum = SUM_NONE;
	ssize_t n = readlinkat(fd, name, text, sizeof(text));

	if (n < 0)
		return -1;
	sum_add(&sum, 0, text, (size_t)n);
	c->sum = sum_end(&sum);
	c->size = (uint64_t)n;
	return 0;
}

int contents_of(struct content *c, int fd, const char *name, const struct stat *st, struct err *e)
{
	const mode_t type = st->st_mode & S_IFMT;

	*c = (struct content){
		.type = type == S_IFREG	  ? 'f'
			: type == S_IFDIR ? 'd'
			: type == S_IFLNK ? 'l'
					  : 'o',
		.mode = st->st_mode & 07777,
		.size = type == S_IFREG ? (uint64_t)st->st_size : 0,
		.time = type == S_IFDIR ? 0 : contents_time(st),
	};
	if (type == S_IFLNK && contents_link(c, fd, name) < 0)
		return err_set(e, errno, "read the link %s", name);
	return 0;
}

int contents_write_record(FILE *out, const struct content *c, const char *dir, const char *name)
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t fields[] = { c->mode, c->size, c->time, c->sum };
	char text[2 + 4 * 17], *p = text;

	/* printf(3) would take longer than the rest of an entry. */
	*p++ = c->type;
	*p++ = ' ';
	for (size_t i = 0; i < 4; i++) {
		int shift = 60;

		while (shift > 0 && !(fields[i] >> shift))
			shift -= 4;
		for (; shift >= 0; shift -= 4)
			*p++ = digits[fields[i] >> shift & 15];
		*p++ = ' ';
	}
	(void)fwrite_unlocked(text, 1, (size_t)(p - text), out);
	(void)fwrite_unlocked(dir, 1, strlen(dir), out);
	if (*dir && *name)
		(void)putc_unlocked('/', out);
	return fwrite_unlocked(name, 1, strlen(name) + 1, out) == strlen(name) + 1 ? 0 : -1;
}

int contents_write(const struct inodes *c, FILE *out, int fd, const char *dir, const char *name,
	uint64_t ino, bool maybe_file, struct err *e)
{
	const struct contents_file *f =
		maybe_file ? inodes_get(c, ino, sizeof(struct contents_file)) : NULL;
	struct content one;
	struct stat st;

	if (f && !f->gone) {
		one = (struct content){ 'f', f->mode, f->size, f->time, f->sum };
	} else {
		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return err_set(e, errno, "stat %s/%s", dir, name);
		if (contents_of(&one, fd, name, &st, e) < 0)
			return -1;
	}
	return contents_write_record(out, &one, dir, name) < 0 ? err_set(e, errno, "write contents")
							       : 0;
}
