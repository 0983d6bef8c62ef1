/*
 * owners: the record of the owners in an image, and of its devices (unpack/unpack.h).
 */
#pragma once

#include <sys/types.h>

#include "util/err.h"

struct owner {
	const char *path;
	uid_t uid;
	gid_t gid;
	char device; /* 'c' or 'b': an empty file that stands for a device; else '-' */
	unsigned major, minor;
};

struct owners {
	char *text;
	struct owner *list;
	size_t n;
};

#define OWNERS_NONE ((struct owners){ .text = NULL })

/* Read it from the image's folder; a missing record is an empty one.  Returns 0, or -1 with e;
 * owners_done in both cases. */
int owners_read(struct owners *o, int image, struct err *e);
void owners_done(struct owners *o);

/* How many devices it names. */
size_t owners_devices(const struct owners *o);

/* The owner of an entry; root if the record does not name it. */
struct owner owners_of(const struct owners *o, const char *path);
