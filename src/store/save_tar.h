/*
 * save_tar: writes the headers of a tar: ustar, with pax records for what does not fit.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "util/err.h"

#define SAVE_TAR_BLOCK 512

/* Where the bytes go.  put returns 0, or -1 with e. */
struct save_tar {
	int (*put)(struct save_tar *t, const void *buf, size_t len, struct err *e);
};

/* '0' file, '1' hard link, '2' symlink, '3' and '4' character and block device, '5' directory, '6'
 * fifo. */
struct save_tar_entry {
	char type;
	const char *path; /* may have any length and any bytes */
	const char *link; /* target of a link, else NULL */
	mode_t mode;
	uint32_t uid, gid, major, minor;
	uint64_t size;
	struct timespec mtime;
	const char *records; /* more pax records, from save_tar_record */
	size_t n_records;
};

/* A growing list of pax records.  The caller frees text. */
struct save_tar_records {
	char *text;
	size_t n, room;
};

void save_tar_record(struct save_tar_records *r, const char *key, const void *value, size_t len);

/* Write the header of an entry; its contents follow, then save_tar_pad.  Returns 0, or -1 with e. */
int save_tar_header(struct save_tar *t, const struct save_tar_entry *n, struct err *e);

/* Write zeros that fill the last block after size bytes, or the two blocks that end a tar.  Returns
 * 0, or -1 with e. */
int save_tar_pad(struct save_tar *t, uint64_t size, struct err *e);
int save_tar_end(struct save_tar *t, struct err *e);
