/*
 * fuzz target container: bytes as the tar that an image comes in: the index of its members, and
 * what is read of them.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "image/format.h"
#include "image/member.h"
#include "util/fd.h"

#define READ_MAX (256u << 10)

/* The same bytes, whether they come whole or as a stream. */
static void check_member(struct container *c, const char *name)
{
	auto_member s = { .fd = -1 };
	auto_free char *whole = NULL;
	const void *buf;
	size_t len = 0, at = 0;
	struct err e;
	ssize_t n;

	whole = member_read(c, name, READ_MAX, &len, &e);
	if (!whole) {
		fuzz_check_err(&e);
		return;
	}
	fuzz_check(container_has(c, name));
	fuzz_check(member_open(&s, c, name, &e) == 0);
	while ((n = stream_next(&s.stream, &buf, &e)) > 0) {
		fuzz_check((size_t)n <= len - at && memcmp(whole + at, buf, (size_t)n) == 0);
		at += (size_t)n;
	}
	fuzz_check(n == 0 && at == len);
}

static void check_container(struct container *c)
{
	const struct image_choice choice = { .any_tar = true };
	struct image img;
	struct err e;

	for (size_t i = 0; i < c->n; i++)
		check_member(c, c->members[i].name);
	if (format_load(&img, c, &choice, &e) < 0)
		fuzz_check_err(&e);
	image_done(&img);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("container", MFD_CLOEXEC), fds = fuzz_open_fds();
	struct container c;
	struct err e;

	fuzz_check(fd >= 0 && fd_write_full(fd, data, size) == 0);
	if (container_open(&c, fd, "input", &e) == 0)
		check_container(&c);
	else
		fuzz_check_err(&e);
	container_done(&c);
	fuzz_check(fuzz_open_fds() == fds);
	close(fd);
	return 0;
}
