/*
 * writer: a second thread that makes plain files, since making them is work of the kernel that two
 * cores can share.
 *
 * The files wait in a queue, with their contents.  None has a name that another has; who is about
 * to touch a name asks writer_has first, and has writer_settle carry out what waits.  So all that
 * can be seen of the order is as in the tar.  All functions are for the thread that reads the tar.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "unpack/entry.h"

#define WRITER_FILES 64		    /* that wait, at most ... */
#define WRITER_DIRS 16		    /* directories they are in, open meanwhile */
#define WRITER_FILE_MAX (32u << 10) /* ... each as large: 2 MiB for each layer in work */

struct writer_file {
	char path[PATH_TEXT_MAX];
	size_t name;  /* where in path the last component begins */
	unsigned dir; /* which of the directories */
	mode_t mode;
	uint32_t uid, gid;
	bool has_mtime;
	struct timespec mtime;
	size_t len, size; /* bytes in data, and of the file: what is left of it is a hole */
	char *data;	  /* WRITER_FILE_MAX bytes */
	uint64_t hash;	  /* of path */
	int code;	  /* errno of what failed */
	bool record;	  /* st and sum (util/sum.h) are wanted; st is there for an owner, too */
	struct stat st;
	uint64_t sum;
};

struct writer;

/* What the writer's owner does in its stead, in the thread that calls writer_next or writer_settle.
 * Both return 0, or -1 with e. */
struct writer_owner {
	void *arg;
	int (*made)(void *arg, const struct writer_file *f, struct err *e);
	int (*make_way)(void *arg, int dir, const struct writer_file *f, struct err *e);
};

struct writer *writer_new(const struct writer_owner *owner);
void writer_free(struct writer *w); /* what still waits is given up; NULL is fine */

/* The descriptor of the directory that the files to come are in; the writer closes it.  0, or -1
 * with e where a file before failed. */
int writer_set_dir(struct writer *w, int dir, struct err *e);

/* A file to be filled in, all but hash, code, st and sum; the caller gives it to writer_add, or
 * lets it be.  NULL with e where one before failed. */
struct writer_file *writer_next(struct writer *w, struct err *e);
void writer_add(struct writer *w, struct writer_file *f);

/* Does a file wait that has the name path[0 .. len)?  May say yes for one that does no more. */
bool writer_has(const struct writer *w, const char *path, size_t len);

/* Carry out all that waits.  0, or -1 with e. */
int writer_settle(struct writer *w, struct err *e);
