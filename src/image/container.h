/*
 * container: the file or folder that an image comes in, as a set of named members.
 * A plain (uncompressed, seekable) tar, or a directory with the same names.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/err.h"

#define CONTAINER_MEMBERS_MAX 65536 /* a tar with more members than this is a rootfs, no image */

struct member {
	char *name;	/* cleaned: no leading "./" or '/' */
	char *link;	/* cleaned target where it is a link to another member, else NULL */
	int64_t offset; /* of its tar header */
	int64_t size;
};

struct container {
	int fd; /* borrowed: must stay open as long as this is used */
	bool is_dir;
	const char *what; /* for messages, borrowed */
	struct arena arena;
	struct member *members; /* in the order of the tar; tar only */
	size_t n;
	uint32_t *slots;  /* hash table by name: number of the member plus one, 0 where free */
	size_t n_slots;	  /* a power of two */
	bool too_many;	  /* over CONTAINER_MEMBERS_MAX: members are not kept */
	bool has_program; /* some regular file has an execute bit */
	int64_t end;	  /* offset behind the last header seen */
	int64_t holes;	  /* bytes that were read out of holes; by several threads */
};

/*
 * Index the tar in fd, reading headers only, or take fd as a directory. Returns 0, or -1 with e (no
 * tar, damaged).  container_done in both cases.
 */
int container_open(struct container *c, int fd, const char *what, struct err *e);
void container_done(struct container *c);

/* True where name is a regular member (links followed inside the container). */
bool container_has(struct container *c, const char *name);

/* The member of a tar that has this cleaned name or is what it links to; NULL where there is none. */
const struct member *container_find(const struct container *c, const char *name);

/* Where a tar reader stands in the container's file, which is read with pread(2), so that several can
 * stand in it. */
struct container_cursor {
	int fd;
	int64_t pos;
	size_t block; /* bytes of a read */
	void *buf;    /* of so many bytes */
	void *place;  /* to read to instead, if not NULL */
};

struct archive;

/* A reader at the cursor, which must not move while that is open: see tar_reader_open. */
int container_cursor_open(struct container_cursor *c, struct archive **ret);
