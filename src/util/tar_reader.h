/*
 * tar_reader: libarchive's reader for the tar dialects only.
 */
#pragma once

#include <archive.h>

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
