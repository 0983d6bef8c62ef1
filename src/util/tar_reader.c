/*
 * tar_reader: opens libarchive's reader, and reports its errors.
 * Touches memory; calls the given callbacks.
 */
#include "util/tar_reader.h"

#include <errno.h>
#include <stddef.h>

int tar_reader_open(
	struct archive **ret, void *arg, archive_read_callback *read, archive_skip_callback *skip)
{
	struct archive *a = archive_read_new();

	*ret = a;
	if (!a)
		return ARCHIVE_FATAL;
	archive_read_support_format_tar(a);
	archive_read_support_format_empty(a);
	/* Do not convert names. */
	(void)archive_read_set_options(a, "tar:hdrcharset=BINARY");
	return archive_read_open2(a, arg, NULL, read, skip, NULL);
}

void tar_reader_freep(struct archive **a)
{
	if (*a)
		archive_read_free(*a);
	*a = NULL;
}

int tar_reader_error(struct archive *a, struct err *e)
{
	const char *why = a ? archive_error_string(a) : NULL;

	return a ? err_set(e, 0, "damaged tar: %s", why ? why : "ends too early")
		 : err_set(e, ENOMEM, "read tar");
}
