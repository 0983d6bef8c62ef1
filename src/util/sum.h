/*
 * sum: a fast checksum of what a file holds, to notice damage.  Nobody is kept from making two
 * files with the same one: what must not be forged has a digest (util/digest.h).
 *
 * Zeros add nothing, so that holes need not be read.  The value does not depend on how the bytes
 * are cut into pieces.
 */
#ifndef UTIL_SUM_H
#define UTIL_SUM_H

#include <stddef.h>
#include <stdint.h>

#define SUM_STRIPE 512

struct sum {
	uint64_t total;
	uint64_t at; /* number of the stripe that is being gathered, plus one; 0: none is */
	unsigned char stripe[SUM_STRIPE];
};

#define SUM_NONE ((struct sum){ .total = 0 })

/* Bytes of the file from offset on; offsets ascend. */
void sum_add(struct sum *s, uint64_t offset, const void *data, size_t len);

uint64_t sum_end(struct sum *s);

/* Of a whole file, from its beginning; buf of size bytes is for use meanwhile.  0, or -1 with
 * errno. */
int sum_of_fd(int fd, void *buf, size_t size, uint64_t *ret);

#endif
