/*
 * sum: a fast checksum of a file's contents, to find accidental damage.  Two files with the same
 * sum are easy to make: use util/digest.h against forgery.
 *
 * Zeros add nothing, so holes need not be read.  The value does not depend on the size of the
 * pieces.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SUM_STRIPE 512

struct sum {
	uint64_t total;
	uint64_t at; /* 1 + the number of the stripe that is partly here; 0: none */
	unsigned char stripe[SUM_STRIPE];
};

#define SUM_NONE ((struct sum){ .total = 0 })

/* Add bytes of the file from offset on.  Offsets must ascend. */
void sum_add(struct sum *s, uint64_t offset, const void *data, size_t len);

uint64_t sum_end(struct sum *s);

/* Sum a whole file; buf of size bytes is scratch space.  Returns 0, or -1 with errno. */
int sum_of_fd(int fd, void *buf, size_t size, uint64_t *ret);
