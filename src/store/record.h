/*
 * record: record.json of an image, which proves that the image is complete, and says whether its
 * data has reached the disk.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "util/digest.h"
#include "util/err.h"

struct record {
	char id[DIGEST_HEX + 1];
	uint64_t size, entries; /* bytes of file contents, number of entries */
	int64_t unpacked;	/* seconds since 1970 */
	char boot[64];		/* boot id; "" once the data has reached the disk */
};

/* Read dirfd/record.json.  Returns 0, or -1 with e. */
int record_read(int dirfd, struct record *r, struct err *e);

/* Write it, whole or not at all.  Returns 0, or -1 with e. */
int record_write(int dirfd, const struct record *r, struct err *e);

/* The same for another document in the image's folder dirfd.  Its mode follows the folder's. */
int record_document(int dirfd, const char *name, const char *text, size_t len, struct err *e);
