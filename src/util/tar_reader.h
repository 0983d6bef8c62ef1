/*
 * tar_reader: libarchive's reader, opened for the tar dialects and nothing else.
 */
#ifndef UTIL_TAR_READER_H
#define UTIL_TAR_READER_H

#include <archive.h>

#include "util/err.h"

/*
 * A reader of what read(arg) gives, which skip(arg) may pass over (NULL: it cannot).  Returns
 * ARCHIVE_OK, or another status: then *ret says why, or is NULL where memory is out.
 */
int tar_reader_open(
	struct archive **ret, void *arg, archive_read_callback *read, archive_skip_callback *skip);
void tar_reader_freep(struct archive **a);
#define auto_tar_reader __attribute__((cleanup(tar_reader_freep))) struct archive *

/* "damaged tar: ", and what the reader says.  Returns -1. */
int tar_reader_error(struct archive *a, struct err *e);

#endif
