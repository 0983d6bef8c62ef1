/*
 * tar_reader: opens libarchive's reader, and reports its errors.
 * Touches memory; calls the given callbacks.
 */
#include "util/tar_reader.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

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

/* Offsets and lengths of the fields of ustar, tar(5). */
#define TAR_READER_SIZE 124
#define TAR_READER_SIZE_LEN 12
#define TAR_READER_SUM 148
#define TAR_READER_SUM_LEN 8
#define TAR_READER_TYPE 156

int64_t tar_reader_link_size(const char header[TAR_READER_BLOCK])
{
	const unsigned char *p = (const unsigned char *)header + TAR_READER_SIZE;
	const int base = *p & 0x80 ? 256 : 8; /* star's and GNU's numbers of 95 bits */
	int64_t n = 0;

	if (header[TAR_READER_TYPE] != '1')
		return 0;
	for (int i = base == 256; i < TAR_READER_SIZE_LEN; i++) {
		int digit = base == 256 ? p[i] : p[i] - '0';

		if (base == 8 && (digit < 0 || digit > 7)) {
			if (n == 0 && p[i] == ' ')
				continue;
			break;
		}
		if (__builtin_mul_overflow(n, base, &n) || __builtin_add_overflow(n, digit, &n))
			return 0;
	}
	return n;
}

void tar_reader_make_file(char header[TAR_READER_BLOCK])
{
	unsigned sum = 0;

	header[TAR_READER_TYPE] = '0';
	memset(header + TAR_READER_SUM, ' ', TAR_READER_SUM_LEN);
	for (size_t i = 0; i < TAR_READER_BLOCK; i++)
		sum += (unsigned char)header[i];
	(void)snprintf(header + TAR_READER_SUM, TAR_READER_SUM_LEN, "%06o", sum);
}
