/*
 * sum: the checksum of files does not depend on how the bytes come, tells every single change, and
 * takes holes for zeros.
 * Run by prove.
 * Touches memory, and one file without a name.
 */
#include "util/sum.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"
#include "util/fd.h"

#define SIZE 10007 /* no multiple of anything */

static void fill(unsigned char *p, size_t n)
{
	unsigned x = 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1103515245u + 12345u;
		p[i] = (unsigned char)(x >> 16);
	}
}

static uint64_t sum_of(const unsigned char *p, size_t n)
{
	struct sum s = SUM_NONE;

	sum_add(&s, 0, p, n);
	return sum_end(&s);
}

static void test_pieces(const unsigned char *p)
{
	static const size_t steps[] = { 1, 7, 64, 511, 512, 513, 4096, 9999 };
	const uint64_t whole = sum_of(p, SIZE);

	for (size_t k = 0; k < sizeof(steps) / sizeof(*steps); k++) {
		struct sum s = SUM_NONE;

		for (size_t at = 0; at < SIZE; at += steps[k])
			sum_add(&s, at, p + at, SIZE - at < steps[k] ? SIZE - at : steps[k]);
		tap_ok(sum_end(&s) == whole, "in pieces of %zu bytes", steps[k]);
	}
}

/* Every single bit, and every two neighbouring words and stripes exchanged. */
static void test_changes(unsigned char *p)
{
	const uint64_t whole = sum_of(p, SIZE);
	unsigned char kept[SUM_STRIPE];
	size_t unseen = 0;

	for (size_t bit = 0; bit < 8 * (size_t)SIZE; bit += 3) {
		p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		unseen += sum_of(p, SIZE) == whole;
		p[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	tap_int((long long)unseen, 0, "no changed bit goes unseen");
	for (size_t n = 8; n <= SUM_STRIPE; n *= 2)
		for (size_t at = 0; at + 2 * n <= SIZE; at += n) {
			memcpy(kept, p + at, n);
			memcpy(p + at, p + at + n, n);
			memcpy(p + at + n, kept, n);
			unseen += sum_of(p, SIZE) == whole;
			memcpy(p + at + n, p + at, n);
			memcpy(p + at, kept, n);
		}
	tap_int((long long)unseen, 0, "no exchange of two neighbours goes unseen");
	tap_ok(sum_of(p, SIZE) == whole, "and all was put back");
	tap_ok(sum_of(p, SIZE - 1) != whole, "nor a byte that is cut off");
}

static void test_holes(unsigned char *p)
{
	auto_fd fd = memfd_create("sum", MFD_CLOEXEC);
	struct sum s = SUM_NONE;
	uint64_t from_file = 1;
	char buf[4096];

	memset(p + 1000, 0, 5000);
	sum_add(&s, 0, p, 1000);
	sum_add(&s, 6000, p + 6000, SIZE - 6000);
	tap_ok(sum_end(&s) == sum_of(p, SIZE), "zeros may be left out");
	tap_ok(pwrite(fd, p, 1000, 0) == 1000 && ftruncate(fd, 1 << 30) == 0 &&
			pwrite(fd, p + 6000, SIZE - 6000, 6000) == SIZE - 6000,
		"a file with holes");
	tap_ok(sum_of_fd(fd, buf, sizeof(buf), &from_file) == 0 && from_file == sum_of(p, SIZE),
		"is summed without reading all of them");
	tap_ok(ftruncate(fd, 0) == 0 && sum_of_fd(fd, buf, sizeof(buf), &from_file) == 0 &&
			from_file == 0,
		"nothing has the sum 0");
}

int main(void)
{
	auto_free unsigned char *p = malloc(SIZE);

	fill(p, SIZE);
	test_pieces(p);
	test_changes(p);
	test_holes(p);
	return tap_done();
}
