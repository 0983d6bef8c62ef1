/*
 * cursor: where a tar reader stands in the file of a container.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct archive;

struct cursor {
	int fd; /* read with pread(2), so that several cursors can stand in one file */
	int64_t pos;
	size_t block; /* bytes of a read */
	void *buf;    /* of so many bytes */
	void *place;  /* to read to instead, if not NULL */
};

/* A reader at the cursor, which must not move while that is open: see tar_reader_open. */
int cursor_open(struct cursor *c, struct archive **ret);
