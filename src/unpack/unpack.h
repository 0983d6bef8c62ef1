/*
 * unpack: layers, lowest first, become one tree below one directory.
 *
 * Each layer is staged on its own, in a folder beside the tree: its entries in the order of the
 * tar, its whiteouts and its hard links to lower layers set aside.  Then it is merged: links are
 * made, whiteouts remove what lower layers left, and what was staged is renamed into place.  So a
 * whiteout can never hide what its own layer adds, wherever it stands in the tar.  Modes and times
 * of directories are set at the very end.
 */
#ifndef UNPACK_UNPACK_H
#define UNPACK_UNPACK_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "unpack/contents.h"
#include "unpack/inodes.h"
#include "util/digest.h"
#include "util/err.h"
#include "util/stream.h"

/* 0 in a member means its default. */
struct unpack_limits {
	uint64_t entries;   /* in all layers; default 10,000,000 */
	uint64_t bytes;	    /* of file contents in all layers; default: no limit of its own */
	uint64_t reserve;   /* bytes of the file system that are to stay free; default: 64 MiB, at
			       most 5 % of it */
	uint64_t xz_memory; /* see decompress.h */
};

struct unpack_stats {
	uint64_t entries, bytes;
	uint64_t devices; /* device nodes, of which an empty file was made */
	uint64_t xattrs;  /* extended attributes that could not be kept, or must not */
	uint64_t owners;  /* entries whose owner is not root: recorded, not set */
};

/* What the limits are held against: of all layers, several of which may be on their way. */
struct unpack_totals {
	_Atomic uint64_t entries, bytes;
	_Atomic uint64_t plain;	 /* bytes of layers, uncompressed */
	_Atomic uint64_t names;	 /* bytes of names and link targets */
	_Atomic bool gave_up;	 /* one has failed, and the others need not go on */
	pthread_mutex_t telling; /* held while progress is called */
};

struct unpack {
	int work; /* holds rootfs/, layerN/, trash/; the tree never leaves it */
	int rootfs, trash;
	unsigned begun; /* layers */
	unsigned layer; /* which of them a part (part.c) is, from 1 on; 0: it is the whole */
	unsigned n_trash;
	mode_t umask;
	struct inodes inodes;
	struct unpack_limits limits;
	struct unpack_stats stats;
	struct unpack_totals *totals;
	uint64_t written, checked; /* bytes for which there must be room; as many at the last look
				      at the free space */
	bool no_xattrs;		   /* the file system has none: told once */
	bool record;		   /* to be set after unpack_init: `contents` is wanted */
	bool shared; /* the same: others will read the tree, and must not find programs in it that
			give them their owner's rights */
	struct contents contents;
	const volatile sig_atomic_t *stop; /* not NULL and not 0: give up */
	/* May be NULL; called often, by one thread at a time; of stats it gets entries and bytes.
	 */
	void (*progress)(void *arg, const struct unpack_stats *stats);
	void *progress_arg;
};

/*
 * Begin below work, an empty directory that only the caller uses: makes rootfs/ in it.  limits may
 * be NULL. Until unpack_done the process runs with a umask of 0. Returns 0, or -1 with e;
 * unpack_done in both cases.
 */
int unpack_init(struct unpack *u, int work, const struct unpack_limits *limits, struct err *e);

/*
 * Add a layer: the bytes of blob, compressed or not.  what names it in messages.  Where diff_id
 * (hex digits) is not NULL, the uncompressed tar, all of it, must have that sum; ret_diff_id gets
 * the sum, ret_plain whether it was not compressed. Returns 0, or -1 with e; the tree is of no use
 * then.
 */
int unpack_layer(struct unpack *u, struct stream *blob, const char *what, const char *diff_id,
	char ret_diff_id[DIGEST_HEX + 1], struct err *e);

/*
 * The same in two steps, so that several layers are read, inflated, summed and staged at once, each
 * in threads of its own; the merge is in the order of their beginnings.  blob, what and diff_id are
 * borrowed until the end, and blob is the thread's alone.  Every layer that was begun must be
 * ended, in that order, also after an error: ending one gives up those that were begun later where
 * it fails.
 */
struct layer_job;
struct layer_job *unpack_begin(
	struct unpack *u, struct stream *blob, const char *what, const char *diff_id);
int unpack_end(struct layer_job *p, char ret_diff_id[DIGEST_HEX + 1], struct err *e);

/*
 * All layers are in: sets modes and times of directories, writes the file `owners` into work
 * (records "UID GID TYPE MAJOR MINOR PATH", each with a NUL behind; TYPE is '-', 'c' or 'b') where
 * any entry is not root's, and `contents` where it is wanted, and removes what whiteouts took away.
 * Returns 0, or -1 with e.
 */
int unpack_finish(struct unpack *u, struct err *e);

void unpack_done(struct unpack *u);

/* For the files of this room: put aside a directory or file that an upper entry replaces; it is
 * removed in the end. */
int unpack_trash(struct unpack *u, int dirfd, const char *name, struct err *e);

/* Count bytes about to be written to files and check them against the limits.  0, or -1 with e. */
int unpack_count_bytes(struct unpack *u, uint64_t n, struct err *e);

/* The same for what takes room on the disk but is no content: directories, inodes. */
int unpack_count_room(struct unpack *u, uint64_t n, struct err *e);

/* Has somebody said stop, or another layer failed? */
bool unpack_is_stopped(const struct unpack *u);

/* What must stay free on the file system of dirfd: the bytes asked for, or the default where that
 * is 0. */
uint64_t unpack_reserve(int dirfd, uint64_t asked);

/* After written bytes in all: now and then it is looked whether the reserve is still free.  0, or
 * -1 with e. */
int unpack_check_reserve(
	int dirfd, uint64_t reserve, uint64_t written, uint64_t *checked, struct err *e);

#endif
