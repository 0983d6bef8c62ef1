/*
 * fuzz target unpack: bytes become a tree.  The input is one layer or several, from the lowest up,
 * with TAR_LAYER_MARK between them.  Whatever they hold, nothing outside changes, no descriptor or
 * memory is leaked, and what was made can be removed by its owner.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "tar_mutate.h"
#include "tree.h"
#include "unpack/layer_job.h"
#include "util/fd.h"
#include "util/path.h"

#define LAYERS_MAX 8

static const struct unpack_request request = {
	.limits = { .entries = 2000,
		.bytes = 4u << 20,
		.reserve = 1u << 20,
		.decoder_memory = 32u << 20 },
};

/* Each record of `owners` is "UID GID TYPE MAJOR MINOR PATH", and speaks of something that is
 * there. */
static void check_owners(int work, int rootfs)
{
	auto_fd fd = openat(work, "owners", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_free char *text = NULL;
	size_t len = 0;
	struct stat st;

	if (fd < 0)
		return;
	text = fd_read_all(fd, 64u << 20, &len);
	fuzz_check(text && (len == 0 || text[len - 1] == '\0'));
	for (const char *p = text; p < text + len; p += strlen(p) + 1) {
		unsigned uid, gid, major, minor;
		const char *path;
		char type;
		int at = 0;

		fuzz_check(
			sscanf(p, "%u %u %c %u %u%n", &uid, &gid, &type, &major, &minor, &at) == 5);
		fuzz_check(type == '-' || type == 'c' || type == 'b');
		fuzz_check(p[at] == ' ');
		path = p[at + 1] ? p + at + 1 : ".";
		fuzz_check(fstatat(rootfs, path, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno == EACCES);
	}
}

static void unpack_all(struct unpack *u, struct fuzz_piece rest)
{
	char diff_id[DIGEST_HEX_MAX + 1];
	struct fuzz_piece layer;
	struct fuzz_stream blob;
	struct err e = { 0 };
	int r = 0;

	for (int n = 0; r == 0 && n < LAYERS_MAX && fuzz_next_piece(&rest, TAR_LAYER_MARK, &layer);
		n++) {
		/* Odd chunks, so that headers are cut in two. */
		fuzz_stream_init(&blob, layer.data, layer.size, 1000 + layer.size % 77);
		r = layer_job_run(u, &blob.stream, "layer", NULL, diff_id, &e);
		fuzz_check(r < 0 || digest_is_hex(diff_id));
	}
	if (r == 0)
		r = unpack_finish(u, &e);
	if (r == 0)
		check_owners(u->work.dir, u->work.rootfs);
	else
		fuzz_check_err(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	mode_t mask = umask(022);
	int work = tree_open(), fds = fuzz_open_fds();
	struct unpack u;
	struct err e;

	if (unpack_init(&u, work, &request, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		exit(1);
	}
	unpack_all(&u, (struct fuzz_piece){ data, size });
	unpack_done(&u);
	fuzz_check(umask(mask) == 022);
	fuzz_check(fuzz_open_fds() == fds);
	tree_close(work);
	return 0;
}
