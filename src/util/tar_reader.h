/*
 * tar_reader: libarchive's reader for the tar dialects only.
 */
#pragma once

#include <archive.h>
#include <stdint.h>

#include "util/err.h"

/*
 * Open a reader that gets its data from read(arg), and skips with skip(arg), which may be NULL.
 * Returns ARCHIVE_OK, or another status: then *ret holds the error, or is NULL for want of memory.
 */
int tar_reader_open(
	struct archive **ret, void *arg, archive_read_callback *read, archive_skip_callback *skip);
void tar_reader_freep(struct archive **a);
#define auto_tar_reader __attribute__((cleanup(tar_reader_freep))) struct archive *

/* Set e to "damaged tar: " and the reader's error.  Returns -1. */
int tar_reader_error(struct archive *a, struct err *e);

/*
 * libarchive 3.7.4 looks at the wrong block to decide whether data follows a hard link
 * (archive_read_format_tar_bid in header_common), and reads such data only in pax.  In other
 * dialects it takes the data for the next header.  The caller can turn such a header into that of a
 * plain file.
 */
#define TAR_READER_BLOCK 512

/* The bytes of data that follow the header of a hard link; 0 for any other header. */
int64_t tar_reader_link_size(const char header[TAR_READER_BLOCK]);

/* Turn the header of a hard link into that of a plain file. */
void tar_reader_make_file(char header[TAR_READER_BLOCK]);
