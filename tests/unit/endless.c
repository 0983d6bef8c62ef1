/*
 * endless: small inputs that would be read for ever: a layer whose zeros never end, and a member of
 * an archive that is all hole.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/member.h"
#include "tap.h"
#include "unpack/layer_job.h"
#include "util/fd.h"
#include "util/path.h"

#define BLOCK 512
#define HOLE "4611686018427387904" /* 2^62 */

struct endless {
	struct stream stream;
	char chunk[STREAM_CHUNK];
};

static ssize_t endless_next(struct stream *stream, const void **buf, struct err *e)
{
	(void)e;
	*buf = ((struct endless *)stream)->chunk;
	return STREAM_CHUNK;
}

/* A header of ustar(5) without data, or with what the caller puts behind it. */
static void header(char *h, const char *name, char type, size_t size)
{
	static const char magic[8] = { 'u', 's', 't', 'a', 'r', '\0', '0', '0' };
	unsigned sum = 0;

	memset(h, 0, BLOCK);
	(void)snprintf(h, 100, "%s", name);
	memcpy(h + 100, "0000644\0000000000\0000000000", 24);
	(void)snprintf(h + 124, 12, "%011zo", size);
	memcpy(h + 136, "00000000000", 12);
	memset(h + 148, ' ', 8);
	h[156] = type;
	memcpy(h + 257, magic, sizeof(magic));
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	(void)snprintf(h + 148, 8, "%06o", sum);
}

static void check_layer(void)
{
	char dir[PATH_TEXT_MAX], hex[DIGEST_HEX_MAX + 1];
	const char *tmp = getenv("TMPDIR");
	struct endless *zeros = calloc(1, sizeof(*zeros));
	struct unpack u;
	struct err e = { 0 };

	(void)snprintf(dir, sizeof(dir), "%s/endless.XXXXXX", tmp ? tmp : "/tmp");
	auto_fd work = mkdtemp(dir) ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (!zeros || work < 0 || unpack_init(&u, work, NULL, &e) < 0) {
		tap_ok(false, "a place to unpack into: %s", e.msg);
		return;
	}
	zeros->stream.next = endless_next;
	tap_ok(layer_job_run(&u, &zeros->stream, "layer", NULL, hex, &e) < 0,
		"a layer of zeros without end is refused");
	tap_str(e.msg, "layer: over 1024 MiB of data outside file contents", "    and this is why");
	unpack_done(&u);
	free(zeros);
	(void)path_remove_tree(AT_FDCWD, dir);
}

/* Records of pax(1) with their lengths in front. */
static size_t record(char *to, const char *key, const char *value)
{
	size_t len = strlen(key) + strlen(value) + 5; /* two digits are enough */

	return (size_t)sprintf(to, "%zu %s=%s\n", len, key, value);
}

static void check_hole(void)
{
	char tar[6 * BLOCK] = { 0 }, *pax = tar + BLOCK;
	auto_fd fd = memfd_create("endless", MFD_CLOEXEC);
	struct container c;
	auto_member s = { .fd = -1 };
	const void *buf;
	struct err e = { 0 };
	size_t len = 0;
	ssize_t n = 1;

	len += record(pax + len, "GNU.sparse.size", HOLE);
	len += record(pax + len, "GNU.sparse.numblocks", "0");
	len += record(pax + len, "GNU.sparse.map", "0,0");
	header(tar, "pax", 'x', len);
	header(tar + 2 * BLOCK, "hole", '0', 0);
	tap_ok(fd >= 0 && fd_write_full(fd, tar, sizeof(tar)) == 0 &&
			container_open(&c, fd, "tar", &e) == 0 &&
			member_open(&s, &c, "hole", &e) == 0,
		"an archive with a member that is a hole");
	tap_int(s.size, 1ll << 62, "    of this size");
	while (s.stream.next && n > 0)
		n = stream_next(&s.stream, &buf, &e);
	tap_ok(n < 0, "    is not read to its end");
	tap_str(e.msg, "hole: over 4 GiB of holes in the archive", "    and this is why");
	member_close(&s);
	container_done(&c);
}

int main(void)
{
	check_layer();
	check_hole();
	return tap_done();
}
