/*
 * writer: with so many small files that the second thread makes some of them, what a layer's order
 * says still holds: of two entries of one name the last one wins, whatever the first one was and by
 * whatever way it is reached.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "unpack/layer_job.h"
#include "unpack/writer.h"
#include "util/fd.h"
#include "util/path.h"

#define BLOCK 512
#define MANY (2 * WRITER_FILES)
#define ROUNDS 5

/* A layer as bytes, in chunks. */
struct layer {
	struct stream stream;
	char *at;
	size_t n, room, given;
};

static ssize_t layer_next(struct stream *stream, const void **buf, struct err *e)
{
	struct layer *l = (struct layer *)stream;
	size_t n = l->n - l->given < 5000 ? l->n - l->given : 5000;

	(void)e;
	*buf = l->at + l->given;
	l->given += n;
	return (ssize_t)n;
}

/* An entry of ustar(5).  For a file data is what it holds, for a link where it leads. */
static void add(struct layer *l, char type, const char *name, const char *data)
{
	static const char magic[8] = { 'u', 's', 't', 'a', 'r', '\0', '0', '0' };
	size_t size = type == '0' ? strlen(data) : 0, blocks = 1 + (size > 0);
	unsigned sum = 0;
	char *h;

	if (l->n + 4 * BLOCK > l->room) {
		l->room = 2 * l->room + 16 * BLOCK;
		l->at = realloc(l->at, l->room);
		if (!l->at)
			abort();
	}
	h = l->at + l->n;
	memset(h, 0, blocks * BLOCK);
	(void)snprintf(h, 100, "%s", name);
	memcpy(h + 100, type == '5' ? "0000755" : "0000640", 8);
	memcpy(h + 108, "0000000\0000000000", 16);
	(void)snprintf(h + 124, 12, "%011o", (unsigned)size % BLOCK);
	memcpy(h + 136, "00000000777", 12);
	memset(h + 148, ' ', 8);
	h[156] = type;
	if (type == '1' || type == '2')
		(void)snprintf(h + 157, 100, "%s", data);
	memcpy(h + 257, magic, sizeof(magic));
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	(void)snprintf(h + 148, 8, "%06o", sum);
	if (size)
		(void)snprintf(h + BLOCK, BLOCK, "%s", data);
	l->n += blocks * BLOCK;
}

/* Keep the writer busy. */
static void add_many(struct layer *l, const char *dir)
{
	char name[64];

	add(l, '5', dir, "");
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "%s/%u", dir, i);
		add(l, '0', name, name);
	}
}

static void make_layer(struct layer *l)
{
	add_many(l, "a");
	add(l, '0', "twice", "first");
	add(l, '0', "twice", "second");
	add(l, '0', "was-file", "x");
	add(l, '5', "was-file", "");
	add(l, '0', "was-file/in", "in it");
	add_many(l, "b");
	add(l, '0', "b", "was a directory");
	add_many(l, "c");
	add(l, '0', "c/7", "of c");
	add(l, '2', "to-c", "c");
	add(l, '0', "to-c/7", "by its other name");
	add(l, '0', "c/8", "of c again");
	add_many(l, "d");
	add(l, '0', "d/target", "to be linked");
	add(l, '1', "d/link", "d/target");
	add(l, '0', "d/target", "new");
	add(l, '0', "file", "in the way");
	add(l, '0', "file/below", "it gives way");
	add(l, '2', "twice-link", "nowhere");
	add(l, '0', "twice-link", "no link any more");
	add_many(l, "a");
	l->n += 2 * BLOCK;
	memset(l->at + l->n - 2 * BLOCK, 0, 2 * BLOCK);
}

static bool holds(int root, const char *path, const char *want)
{
	auto_fd fd = path_open_in_root(root, path, O_RDONLY | O_NOFOLLOW, 0);
	auto_free char *have = fd < 0 ? NULL : fd_read_all(fd, 4096, NULL);
	struct stat st;

	if (have && strcmp(have, want) == 0 && fstat(fd, &st) == 0 && st.st_mtime == 0777 &&
		(st.st_mode & 07777) == 0640)
		return true;
	printf("# %s: %s\n", path, have ? have : "not there");
	return false;
}

static bool all_of(int root, const char *dir)
{
	char name[64];

	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "%s/%u", dir, i);
		if (!holds(root, name, name))
			return false;
	}
	return true;
}

static bool is_right(int root)
{
	static const char *const want[][2] = { { "twice", "second" }, { "was-file/in", "in it" },
		{ "b", "was a directory" }, { "c/7", "by its other name" }, { "c/8", "of c again" },
		{ "d/link", "to be linked" }, { "d/target", "new" },
		{ "file/below", "it gives way" }, { "twice-link", "no link any more" } };

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
		if (!holds(root, want[i][0], want[i][1]))
			return false;
	return all_of(root, "a") && all_of(root, "d");
}

int main(void)
{
	const char *tmp = getenv("TMPDIR");
	char dir[PATH_TEXT_MAX], hex[DIGEST_HEX_MAX + 1];
	struct layer l = { .stream = { .next = layer_next } };
	unsigned right = 0;

	make_layer(&l);
	for (int i = 0; i < ROUNDS; i++) {
		struct unpack u;
		struct err e = { 0 };

		(void)snprintf(dir, sizeof(dir), "%s/writer.XXXXXX", tmp ? tmp : "/tmp");
		auto_fd work = mkdtemp(dir) ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		l.given = 0;
		if (work >= 0 && unpack_init(&u, work, NULL, &e) == 0 &&
			layer_job_run(&u, &l.stream, "layer", NULL, hex, &e) == 0 &&
			unpack_finish(&u, &e) == 0)
			right += is_right(u.work.rootfs);
		else
			printf("# %s\n", e.msg);
		unpack_done(&u);
		(void)path_remove_tree(AT_FDCWD, dir);
	}
	free(l.at);
	tap_int(right, ROUNDS, "a layer whose entries replace each other, again and again");
	return tap_done();
}
