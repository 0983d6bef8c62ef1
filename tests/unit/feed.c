/*
 * feed: a hard link with data behind it is read rightly, however the layer is cut into chunks: the
 * tar reader takes the data for a header, so that it has to be read again.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "unpack/layer_job.h"
#include "util/fd.h"
#include "util/path.h"

#define BLOCK 512
#define DATA 1300 /* bytes of a file: three blocks */

struct layer {
	struct stream stream;
	char at[32 * BLOCK];
	size_t n, given, chunk;
	char *copy; /* of the last chunk, so that nobody reads an older one */
};

static ssize_t layer_next(struct stream *stream, const void **buf, struct err *e)
{
	struct layer *l = (struct layer *)stream;
	size_t n = l->n - l->given < l->chunk ? l->n - l->given : l->chunk;

	(void)e;
	free(l->copy);
	l->copy = n ? malloc(n) : NULL;
	if (l->copy)
		memcpy(l->copy, l->at + l->given, n);
	*buf = l->copy;
	l->given += n;
	return (ssize_t)n;
}

/* An entry of ustar(5) that says it has `size` bytes; they follow where `letter` is not 0. */
static void add(
	struct layer *l, char type, const char *name, const char *link, size_t size, char letter)
{
	static const char magic[8] = { 'u', 's', 't', 'a', 'r', '\0', '0', '0' };
	char *h = l->at + l->n;
	unsigned sum = 0;

	(void)snprintf(h, 100, "%s", name);
	memcpy(h + 100, "0000644\0000000000\0000000000", 24);
	(void)snprintf(h + 124, 12, "%011zo", size);
	memcpy(h + 136, "00000000777", 12);
	memset(h + 148, ' ', 8);
	h[156] = type;
	(void)snprintf(h + 157, 100, "%s", link);
	memcpy(h + 257, magic, sizeof(magic));
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	(void)snprintf(h + 148, 8, "%06o", sum);
	l->n += BLOCK;
	if (letter) {
		memset(l->at + l->n, letter, size);
		l->n += (size + BLOCK - 1) / BLOCK * BLOCK;
	}
}

static bool holds(int root, const char *path, size_t size, char letter, nlink_t links)
{
	auto_fd fd = path_open_in_root(root, path, O_RDONLY | O_NOFOLLOW, 0);
	size_t len = 0, right = 0;
	auto_free char *have = fd < 0 ? NULL : fd_read_all(fd, 4096, &len);
	struct stat st;

	while (have && right < len && have[right] == letter)
		right++;
	if (have && len == size && right == size && fstat(fd, &st) == 0 && st.st_nlink == links)
		return true;
	printf("# %s: %zu bytes, %zu right\n", path, len, right);
	return false;
}

static bool unpack(struct layer *l, size_t chunk)
{
	const char *tmp = getenv("TMPDIR");
	char dir[PATH_TEXT_MAX], hex[DIGEST_HEX_MAX + 1];
	struct unpack u;
	struct err e = { 0 };
	bool right = false;

	(void)snprintf(dir, sizeof(dir), "%s/feed.XXXXXX", tmp ? tmp : "/tmp");
	auto_fd work = mkdtemp(dir) ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	l->chunk = chunk;
	l->given = 0;
	if (work >= 0 && unpack_init(&u, work, NULL, &e) == 0 &&
		layer_job_run(&u, &l->stream, "layer", NULL, hex, &e) == 0 &&
		unpack_finish(&u, &e) == 0)
		right = holds(u.work.rootfs, "file", DATA, 'b', 3) &&
			holds(u.work.rootfs, "link", DATA, 'b', 3) &&
			holds(u.work.rootfs, "none", DATA, 'b', 3) &&
			holds(u.work.rootfs, "own", 20, 'c', 1) &&
			holds(u.work.rootfs, "last", 1, 'd', 1);
	else
		printf("# %s\n", e.msg);
	unpack_done(&u);
	(void)path_remove_tree(AT_FDCWD, dir);
	return right;
}

int main(void)
{
	static const size_t chunks[] = { 1, 7, 256, 511, 512, 513, 700, 1000, 1023, 1024, 1025,
		1536, 5000, 100000 };
	struct layer l = { .stream = { .next = layer_next } };

	add(&l, '0', "file", "", DATA, 'a');
	add(&l, '1', "link", "file", DATA, 'b');
	add(&l, '1', "none", "file", DATA, '\0');
	add(&l, '1', "own", "missing", 20, 'c');
	add(&l, '0', "last", "", 1, 'd');
	l.n += 2 * BLOCK;
	for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++)
		tap_ok(unpack(&l, chunks[i]), "in chunks of %zu bytes", chunks[i]);
	free(l.copy);
	return tap_done();
}
