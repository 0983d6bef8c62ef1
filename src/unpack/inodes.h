/*
 * inodes: what is known of the inodes that were made but cannot be set yet: modes and times of
 * directories, owners. By inode number, since a tree keeps those while it is renamed; nothing is
 * deleted before the end, so none is reused.
 */
#ifndef UNPACK_INODES_H
#define UNPACK_INODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct inode_meta {
	uint64_t ino; /* 0: a free slot */
	bool is_dir;  /* an explicit directory: mode and mtime are to be set */
	bool has_mtime;
	bool applied;
	char device; /* 'c', 'b' or 0 */
	mode_t mode;
	struct timespec mtime;
	uint32_t uid, gid;
	uint32_t major, minor;
	size_t waiting; /* an empty file in place of a hard link: 1 + which link of its stage; else
			   0 */
};

struct inodes {
	struct inode_meta *slots;
	size_t n, room; /* room is a power of two, or 0 */
};

/* The record of ino, a new empty one where there is none.  Valid until the next call. */
struct inode_meta *inodes_put(struct inodes *t, uint64_t ino);
/* The record of ino, or NULL. */
struct inode_meta *inodes_get(const struct inodes *t, uint64_t ino);
/* All records of from become those of to, in place of what it has of the same inodes; from is empty
 * then. */
void inodes_move(struct inodes *to, struct inodes *from);
void inodes_done(struct inodes *t);

#endif
