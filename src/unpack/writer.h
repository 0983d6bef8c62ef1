/*
 * writer: a second thread that makes plain files: most of that work is the kernel's, and two cores
 * can share it.
 *
 * The files are queued with their contents.  No two have the same name.  Before the owner touches a
 * name it calls writer_has, and writer_settle makes what is queued.  So the result is as if
 * everything were done in the order of the tar.  All functions are for the thread that reads the
 * tar.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "unpack/entry.h"

#define WRITER_FILES 64 /* queued at most ... */
#define WRITER_DIRS 16	/* open directories of those */
#define WRITER_FILE_MAX \
	(32u << 10) /* ... and each at most this large: 2 MiB for each layer in work */

struct writer_file {
	char path[PATH_TEXT_MAX];
	size_t name;  /* offset of the last component in path */
	unsigned dir; /* index of its directory */
	mode_t mode;
	uint32_t uid, gid;
	bool has_mtime;
	struct timespec mtime;
	size_t len, size; /* bytes in data, and of the file: the rest of it is a hole */
	char *data;	  /* WRITER_FILE_MAX bytes */
	uint64_t hash;	  /* of path */
	int code;	  /* errno, if it failed */
	bool record;	  /* fill in st and sum (util/sum.h); st is filled in for an owner, too */
	struct stat st;
	uint64_t sum;
};

struct writer;

/*
 * What the owner does for the writer, in the thread that calls writer_next or writer_settle.  Both
 * return 0, or -1 with e.
 */
struct writer_owner {
	void *arg;
	int (*made)(void *arg, const struct writer_file *f, struct err *e);
	int (*make_way)(void *arg, int dir, const struct writer_file *f, struct err *e);
};

struct writer *writer_new(const struct writer_owner *owner);
void writer_free(struct writer *w); /* gives up what is queued; w may be NULL */

/*
 * Set the directory of the next files; the writer closes it.  Returns 0, or -1 with e if an earlier
 * file failed.
 */
int writer_set_dir(struct writer *w, int dir, struct err *e);

/*
 * Get a file to fill in, except hash, code, st and sum, and to pass to writer_add.  Returns NULL
 * with e if an earlier file failed.
 */
struct writer_file *writer_next(struct writer *w, struct err *e);
void writer_add(struct writer *w, struct writer_file *f);

/*
 * Is a file with this name, path[0 .. len), queued?  May return true for one that is already made.
 */
bool writer_has(const struct writer *w, const char *path, size_t len);

/* Make all queued files.  Returns 0, or -1 with e. */
int writer_settle(struct writer *w, struct err *e);
