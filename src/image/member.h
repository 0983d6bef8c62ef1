/* member: reads a member of a container, as a stream or whole. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "image/container.h"
#include "util/stream.h"

/* It must not move in memory while it is open. */
struct member_stream {
	struct stream stream;
	struct container *container;
	struct archive *reader; /* tar */
	int fd;			/* directory */
	struct container_cursor cursor;
	bool whole;	    /* no holes: each block can be read straight to its place */
	int64_t done, size; /* bytes given, bytes in all */
	const char *what;
	const void *held; /* data of a sparse member after a hole, and its offset */
	size_t held_len;
	int64_t held_at;
};

/* Returns 0, or -1 with e.  member_close in both cases. */
int member_open(struct member_stream *s, struct container *c, const char *name, struct err *e);
void member_close(struct member_stream *s);
#define auto_member __attribute__((cleanup(member_close))) struct member_stream

/*
 * Read a small member into a malloc'd, NUL-terminated buffer, which the caller frees.  NULL with e
 * if it is missing, not a plain file, or longer than max.
 */
char *member_read(
	struct container *c, const char *name, size_t max, size_t *ret_len, struct err *e);
