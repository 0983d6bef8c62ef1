/*
 * container: the file or folder with an image, as a set of named members: a plain (uncompressed,
 * seekable) tar, or a directory.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/err.h"

#define CONTAINER_MEMBERS_MAX \
	65536 /* a tar with more members is a root file system, not an image */

struct member {
	char *name;	/* cleaned: no leading "./" or '/' */
	char *link;	/* cleaned target of a link to another member, else NULL */
	int64_t offset; /* of its tar header */
	int64_t size;
};

struct container {
	int fd; /* borrowed */
	bool is_dir;
	bool follow_links; /* out of the directory */
	const char *what;  /* for messages, borrowed */
	struct arena arena;
	struct member *members; /* in the order of the tar; tar only */
	size_t n;
	uint32_t *slots;  /* hash table by name: index of the member plus one; 0: free */
	size_t n_slots;	  /* a power of two */
	bool too_many;	  /* over CONTAINER_MEMBERS_MAX: members are not kept */
	bool has_program; /* some file is executable */
	int64_t holes;	  /* bytes read from holes, by all threads */
};

/*
 * Index the tar in fd by its headers, or use fd as a directory.  fd must stay open.  Returns 0, or
 * -1 with e (not a tar, damaged).  container_done in both cases.
 */
int container_open(struct container *c, int fd, const char *what, struct err *e);
void container_done(struct container *c);

/* Is name a plain file, or a link to one?  A link that leads out is there, but cannot be opened. */
bool container_has(struct container *c, const char *name);

/*
 * Open the member of a directory with this cleaned name, links followed.  Returns a descriptor, or
 * -1 with errno: EXDEV if a link leads out of the directory, and they are not to be followed.
 */
int container_open_file(const struct container *c, const char *name, int flags);

/* The member of a tar with this cleaned name, links followed; NULL if there is none. */
const struct member *container_find(const struct container *c, const char *name);

/*
 * The position of a tar reader in the container's file.  It reads with pread(2), so there can be
 * several.
 */
struct container_cursor {
	int fd;
	int64_t pos;
	size_t block; /* bytes of a read */
	void *buf;    /* of `block` bytes */
	void *place;  /* read to here instead, if not NULL */
};

struct archive;

/*
 * Open a reader at the cursor, see tar_reader_open.  The cursor must not move in memory meanwhile.
 */
int container_cursor_open(struct container_cursor *c, struct archive **ret);
