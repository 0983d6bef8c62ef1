/*
 * work: what all layers of an unpack share: the request, the directories, and the totals for the
 * limits.  The threads of the layers have it as const; only the totals change, and they are
 * atomic.  What a single layer knows is in its struct tables.
 */
#pragma once

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

/* 0 means the default. */
struct unpack_limits {
	uint64_t entries; /* in all layers; default 10,000,000 */
	uint64_t bytes;	  /* of file contents in all layers; no limit by default */
	uint64_t
		reserve; /* bytes of the file system that stay free; default 64 MiB, at most 5 % of it */
	uint64_t decoder_memory; /* of one decoder; see codec.h */
};

struct unpack_stats {
	uint64_t entries, bytes;
	uint64_t devices; /* device nodes, each of which became an empty file */
	uint64_t xattrs;  /* extended attributes that could not or must not be set */
	uint64_t owners;  /* entries that do not belong to root: recorded, not set */
};

struct unpack_request {
	struct unpack_limits limits;
	bool record; /* write the file `contents` */
	bool shared; /* others will read the tree: it must not contain programs that run with their owner's rights */
	const volatile sig_atomic_t *stop; /* stop if it is set */
	/* May be NULL.  Called often, by one thread at a time, with entries and bytes of stats. */
	void (*progress)(void *arg, const struct unpack_stats *stats);
	void *progress_arg;
};

/* The totals of all layers. */
struct work_totals {
	_Atomic uint64_t entries, bytes;
	_Atomic uint64_t plain;	   /* bytes of layers, uncompressed */
	_Atomic uint64_t names;	   /* bytes of names and link targets */
	_Atomic bool gave_up;	   /* a layer has failed: the others can stop */
	pthread_mutex_t reporting; /* held while progress is called */
};

struct work {
	struct unpack_request request; /* with the defaults filled in */
	int dir;		       /* borrowed; has rootfs/, layerN/ and trash/ */
	int rootfs, trash;
	struct work_totals *totals;
};

/* Make rootfs/ and trash/ in dir; request may be NULL.  Returns 0, or -1 with e; work_close in both cases. */
int work_open(struct work *w, int dir, const struct unpack_request *request, struct err *e);
void work_close(struct work *w);

/* Has the caller asked to stop, or has another layer failed? */
bool work_is_stopped(const struct work *w);

/* Add to the totals and check them against the limits.  Return 0, or -1 with e. */
int work_count_entry(const struct work *w, struct err *e);
int work_count_bytes(const struct work *w, uint64_t n, struct err *e);
int work_count_names(const struct work *w, uint64_t n, struct err *e);

/*
 * What follows the end of a tar, or belongs to an entry that is not a file, takes no disk space
 * that would run out, and a few kilobytes can decompress to an endless amount.
 */
int work_count_plain(const struct work *w, uint64_t n, struct err *e);

void work_report(const struct work *w);
