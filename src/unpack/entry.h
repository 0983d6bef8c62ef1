/* entry: one entry of a layer's tar, checked.  Nothing of it is trusted before. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "util/err.h"
#include "util/path.h"

struct archive_entry;

enum entry_kind {
	ENTRY_FILE,
	ENTRY_DIR,
	ENTRY_SYMLINK,
	ENTRY_HARDLINK,
	ENTRY_FIFO,
	ENTRY_CHAR,
	ENTRY_BLOCK,
	ENTRY_WHITEOUT, /* name is what it hides, without the prefix */
	ENTRY_OPAQUE,	/* path is the directory whose lower children are hidden */
	ENTRY_SKIP,	/* bookkeeping of the layer's format */
};

struct entry {
	enum entry_kind kind;
	char path[PATH_TEXT_MAX]; /* cleaned, relative to the root; "" is the root itself */
	size_t parent_len;	  /* path[0 .. parent_len) is the parent */
	const char *name;	  /* last component, within path */
	char link[PATH_TEXT_MAX]; /* symlink: the target as written; hard link: cleaned path */
	mode_t mode;		  /* permission bits, setuid, setgid, sticky */
	uint32_t uid, gid;
	uint32_t major, minor;
	bool has_mtime;
	struct timespec mtime;
	int64_t size;
	struct archive_entry *raw; /* borrowed, for the extended attributes */
};

/* Check and convert a header.  Returns 0, or -1 with e that names the entry. */
int entry_read(struct entry *n, struct archive_entry *raw, struct err *e);

/* Set e to an error of the entry.  Returns -1. */
int entry_error(struct err *e, const struct entry *n, int code);
