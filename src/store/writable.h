/*
 * writable: what runs have written, kept under a name.  writable/NAME/ has upper/ and work/ of an
 * overlay, and a lock that a live run holds.
 */
#pragma once

#include "store/store.h"

struct writable {
	int dir, lock;
	char *path; /* of dir, absolute */
};

#define WRITABLE_NONE ((struct writable){ .dir = -1, .lock = -1 })

/* Valid during the call that hands it out. */
struct writable_facts {
	const char *name, *image; /* image: its id */
	const char *ids; /* "one", "range" where it holds files of subordinate ids, "host" */
	int64_t used;	 /* seconds since 1970: when the last run began */
	bool live;
};

/*
 * Open the one with this name, or make it, for the image and the ids.  mode is that of the image's
 * root directory.  Fails if a live run has it, or if it belongs to another image or other ids.
 * Returns 0, or -1 with e; writable_close in both cases.
 */
int writable_open(struct writable *w, struct store *s, const char *name, const char *image,
	const char *ids, mode_t mode, struct err *e);
void writable_close(struct writable *w);

/* Call fn for each, until it returns other than 0. */
int writable_each(struct store *s, int (*fn)(const struct writable_facts *f, void *arg), void *arg,
	struct err *e);

/*
 * Remove those of these names, NULL-terminated, unless a run has one; if one is missing, none is
 * removed.  For one that holds files of subordinate ids, strip is called with its folder first, to
 * remove upper and work in a namespace that has those ids.  Returns 0, or -1 with e.
 */
int writable_remove(
	struct store *s, char *const *names, int (*strip)(int dir, struct err *e), struct err *e);

/* Make the directories of an overlay: upper, with this mode, and work.  0, or -1 with errno. */
int writable_make_dirs(int dir, mode_t mode);
