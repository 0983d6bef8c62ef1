/*
 * sum: a fast checksum of a file's contents. Touches memory; reads the file that it is given.
 *
 * The value is the sum of the xxHash of every stripe that is not all zeros, seeded with the
 * stripe's number.  It takes a tenth of the time of SHA-256 with the CPU's instructions, and every
 * file of an image is summed while it is unpacked.
 */
#include "util/sum.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define XXH_NAMESPACE ZSTD_ /* libzstd has it under this prefix */
#include <xxhash.h>

#include "util/fd.h"

static bool sum_is_zero(const unsigned char *p)
{
	return p[0] == 0 && memcmp(p, p + 1, SUM_STRIPE - 1) == 0;
}

/* The sum of n stripes from number on. */
static uint64_t sum_stripes(const unsigned char *p, size_t n, uint64_t number)
{
	uint64_t total = 0;

	for (; n > 0; n--, p += SUM_STRIPE, number++)
		if (!sum_is_zero(p))
			total += XXH64(p, SUM_STRIPE, number);
	return total;
}

static void sum_flush(struct sum *s)
{
	if (s->at)
		s->total += sum_stripes(s->stripe, 1, s->at - 1);
	s->at = 0;
}

void sum_add(struct sum *s, uint64_t offset, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len > 0) {
		uint64_t number = offset / SUM_STRIPE;
		size_t in = (size_t)(offset % SUM_STRIPE), n = SUM_STRIPE - in;

		if (s->at && s->at != number + 1)
			sum_flush(s);
		if (!s->at && n == SUM_STRIPE && len >= SUM_STRIPE) {
			n = len - len % SUM_STRIPE;
			s->total += sum_stripes(p, n / SUM_STRIPE, number);
		} else {
			if (!s->at)
				memset(s->stripe, 0, sizeof(s->stripe));
			s->at = number + 1;
			n = n < len ? n : len;
			memcpy(s->stripe + in, p, n);
		}
		p += n;
		offset += n;
		len -= n;
	}
}

uint64_t sum_end(struct sum *s)
{
	sum_flush(s);
	return s->total;
}

int sum_of_fd(int fd, void *buf, size_t size, uint64_t *ret)
{
	struct sum s = SUM_NONE;
	off_t at = 0;

	for (;;) {
		off_t data = lseek(fd, at, SEEK_DATA);
		ssize_t n;

		/* ENXIO: only a hole is left; EINVAL: the file system cannot find holes. */
		if (data < 0 && errno == ENXIO)
			break;
		at = data < 0 ? at : data;
		n = pread(fd, buf, size, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		sum_add(&s, (uint64_t)at, buf, (size_t)n);
		at += n;
	}
	*ret = sum_end(&s);
	return 0;
}
