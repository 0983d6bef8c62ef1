/*
 * store: unpacked images in a directory that the user owns.
 *
 *   images/ID/      rootfs/, config.json, manifest.json, owners, record.json: complete, or absent
 *   refs/NAME       the ID that a name stands for
 *   sources/KEY     the ID of the image in a tarball (device, inode, size, times)
 *   runs/NAME       a live run
 *   runs/ID.log     what a run in the background has printed
 *   staging/        what is being unpacked, and locks; the next process removes what dead ones left
 *   writable/NAME/  what runs have written, see writable.h
 */
#pragma once

#include <stdbool.h>

#include "runs/runs.h"
#include "util/digest.h"
#include "util/err.h"

/* The folder refs/, and what a command has read of it, to avoid reading it again for each image. */
struct refs {
	int dir;
	struct ref *list; /* all names; sorted by id if read is set; see refs.h */
	size_t n;
	bool listed, read; /* listed: list has all names; read: and their ids */
	struct strv ids;   /* all of images/, if ids_listed is set; a removed one becomes "" */
	bool ids_listed;
	struct arena arena;
};

struct store {
	int fd, images, sources, staging;
	struct refs refs;
	struct runs runs;
	char *path;
	bool shared;	      /* it may belong to another user; nothing is ever written to it */
	bool nowhere;	      /* store_open failed because no place that it knows is usable */
	struct store *others; /* shared ones, searched before this one */
	size_t n_others;
	/* Removes the files of subordinate ids from an image's folder (owned_tree.h); NULL: not
	 * possible. */
	int (*strip)(int image, struct err *e);
};

/* One that was not opened. */
#define STORE_NONE \
	((struct store){ .fd = -1, \
		.images = -1, \
		.sources = -1, \
		.staging = -1, \
		.refs = { .dir = -1 }, \
		.runs = { .dir = -1 } })

/*
 * Open the store, or make it: path if not NULL, else $SANDBOX_STORE, $XDG_DATA_HOME/sandbox,
 * $HOME/.local/share/sandbox, and without a usable home /var/tmp/sandbox-UID or /tmp/sandbox-UID.
 * The last three are not made where little space is free.  A store of another user is refused.
 * Returns 0, or -1 with e; store_done in both cases.
 */
int store_open(struct store *s, const char *path, struct err *e);
void store_done(struct store *s);

/*
 * Find the place that store_open would open or make, and make nothing.  s->fd is the folder, or the
 * nearest existing directory above it, if that is writable; of the rest only s->path, and s->staging
 * if it exists, are set.  Returns as store_open does.
 */
int store_look(struct store *s, const char *path, struct err *e);

/*
 * Add stores that are searched before s, which is open: those of paths (NULL-terminated, may be
 * NULL), which must exist, then those of $SANDBOX_STORES, separated by colons; one of these that does
 * not exist is left out with a note.  They may belong to any user: a caller who names a store trusts
 * its owner.  Returns 0, or -1 with e.
 */
int store_open_others(struct store *s, char *const *paths, struct err *e);

/*
 * Open images/ and staging/ of a store on a disk of this node that has nothing else, see cache.h.  It is made
 * if it is missing, and refused if it is a link, or if another user may write in it, or may replace it from
 * above.  several: the site has made it, for users who trust each other.  Returns 0, or -1 with e;
 * store_done in both cases.
 */
int store_open_cache(struct store *s, const char *path, bool several, struct err *e);

/* The i-th store to search, from 0 to s->n_others: the others come first, then s. */
struct store *store_searched(struct store *s, size_t i);

/* Let other users read s, and the images that are imported with import_request.shared. */
int store_share(struct store *s, struct err *e);
