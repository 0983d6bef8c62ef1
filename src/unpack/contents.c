/*
 * contents: what was unpacked, entry by entry.
 * Touches memory, and the file that it is given; reads what it is given the names of.
 *
 * A digest of each file would take a third of the time that unpacking takes, and would prove no
 * more: whoever can change the tree can change this record beside it.  What the image was is proven
 * by its layers' digests while they are read; from then on it is accidents that are looked for, and
 * a sum of 64 bits, taken while the bytes pass by, finds those.
 */
#include "unpack/contents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/sum.h"

#define FIRST_ROOM 4096

struct content_slot {
	uint64_t ino; /* 0: free */
	uint64_t size, time, sum;
	mode_t mode;
	bool gone;
};

static struct content_slot *slot_of(const struct contents *c, uint64_t ino)
{
	size_t i = (size_t)(ino * 0x9e3779b97f4a7c15ull >> 20) & (c->room - 1);

	while (c->slots[i].ino != 0 && c->slots[i].ino != ino)
		i = (i + 1) & (c->room - 1);
	return &c->slots[i];
}

static void grow(struct contents *c)
{
	struct contents bigger = { .n = c->n, .room = c->room ? 2 * c->room : FIRST_ROOM };
	size_t size = bigger.room * sizeof(*bigger.slots);

	bigger.slots = xmalloc(size);
	memset(bigger.slots, 0, size);
	for (size_t i = 0; i < c->room; i++)
		if (c->slots[i].ino != 0)
			*slot_of(&bigger, c->slots[i].ino) = c->slots[i];
	free(c->slots);
	*c = bigger;
}

static uint64_t time_of(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000u + (uint64_t)st->st_mtim.tv_nsec;
}

/* The slot of an inode, which is to be filled. */
static struct content_slot *contents_slot(struct contents *c, uint64_t ino)
{
	struct content_slot *slot;

	if (4 * c->n >= 3 * c->room)
		grow(c);
	slot = slot_of(c, ino);
	c->n += slot->ino == 0;
	return slot;
}

void contents_put(struct contents *c, const struct stat *st, uint64_t sum)
{
	*contents_slot(c, st->st_ino) = (struct content_slot){
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.time = time_of(st),
		.sum = sum,
		.mode = st->st_mode & 07777,
	};
}

void contents_drop(struct contents *c, uint64_t ino)
{
	struct content_slot *slot = c->room ? slot_of(c, ino) : NULL;

	if (slot && slot->ino == ino)
		slot->gone = true;
}

void contents_move(struct contents *to, struct contents *from)
{
	if (to->n == 0) {
		contents_done(to);
		*to = *from;
		*from = (struct contents){ 0 };
		return;
	}
	for (size_t i = 0; i < from->room; i++) {
		struct content_slot *slot;

		if (from->slots[i].ino == 0 || from->slots[i].gone)
			continue;
		slot = contents_slot(to, from->slots[i].ino);
		*slot = from->slots[i];
	}
	contents_done(from);
}

int contents_file(struct contents *c, int fd, uint64_t sum, struct err *e)
{
	struct stat st;

	/* What the file system made of it counts: it may keep less of a time or a mode. */
	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "stat");
	contents_put(c, &st, sum);
	return 0;
}

static int link_of(struct content *c, int fd, const char *name)
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

int content_of(struct content *c, int fd, const char *name, const struct stat *st, struct err *e)
{
	const mode_t type = st->st_mode & S_IFMT;

	*c = (struct content){
		.type = type == S_IFREG	  ? 'f'
			: type == S_IFDIR ? 'd'
			: type == S_IFLNK ? 'l'
					  : 'o',
		.mode = st->st_mode & 07777,
		.size = type == S_IFREG ? (uint64_t)st->st_size : 0,
		.time = type == S_IFDIR ? 0 : time_of(st),
	};
	if (type == S_IFLNK && link_of(c, fd, name) < 0)
		return err_set(e, errno, "read the link %s", name);
	return 0;
}

int content_write(FILE *out, const struct content *c, const char *dir, const char *name)
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t fields[] = { c->mode, c->size, c->time, c->sum };
	char text[2 + 4 * 17], *p = text;

	/* printf(3) takes longer than all the rest of an entry here. */
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

int contents_write(struct contents *c, FILE *out, int fd, const char *dir, const char *name,
	uint64_t ino, bool maybe_file, struct err *e)
{
	struct content_slot *slot = maybe_file && c->room ? slot_of(c, ino) : NULL;
	struct content one;
	struct stat st;

	if (slot && slot->ino && !slot->gone) {
		one = (struct content){ 'f', slot->mode, slot->size, slot->time, slot->sum };
	} else {
		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return err_set(e, errno, "stat %s/%s", dir, name);
		if (content_of(&one, fd, name, &st, e) < 0)
			return -1;
	}
	return content_write(out, &one, dir, name) < 0 ? err_set(e, errno, "write contents") : 0;
}

void contents_done(struct contents *c)
{
	free(c->slots);
	*c = (struct contents){ 0 };
}
