/*
 * store: unpacked images in a directory that the user owns.
 *
 *   images/ID/      rootfs/, config.json, manifest.json, owners, record.json; whole, or not there
 *   refs/NAME       the ID that a name stands for
 *   sources/KEY     the ID that a tarball (device, inode, size, times) gave
 *   runs/NAME       a run that is alive
 *   staging/        what is being unpacked, and locks; whoever comes next removes leftovers of the dead
 *   writable/NAME/  what runs have written, see writable.h
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>

#include "runs/runs.h"
#include "util/digest.h"
#include "util/err.h"

/* The folder refs/, and what a command has read of it, so as not to read it for each image. */
struct refs {
	int dir;
	struct ref *list; /* all that there are, by id once those are known; see refs.h */
	size_t n;
	bool listed, read; /* read: with their ids */
	struct strv ids;   /* of images/, where they were asked for; removed ones are "" */
	bool ids_listed;
	struct arena arena;
};

struct store {
	int fd, images, sources, staging;
	struct refs refs;
	struct runs runs;
	char *path;
	bool shared;  /* somebody else's, perhaps: it is read, and nothing is ever written to it */
	bool nowhere; /* store_open failed, since none of the places that it knows will do */
	struct store *others; /* shared ones, searched before this one */
	size_t n_others;
	/* Removes from an image's folder what belongs to other ids than the caller's
	 * (owned_tree.h); NULL: nobody can. */
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
 * Open the store, making it where it is not there: path if not NULL, else $SANDBOX_STORE,
 * $XDG_DATA_HOME/sandbox, $HOME/.local/share/sandbox, and where there is no usable home
 * /var/tmp/sandbox-UID or /tmp/sandbox-UID. None of the latter is begun where hardly anything is
 * free. Refused where another user owns it.  Returns 0, or -1 with e; store_done in both cases.
 */
int store_open(struct store *s, const char *path, struct err *e);
void store_done(struct store *s);

/*
 * Look where store_open would find or make it, and make nothing: s->fd is the folder, or the
 * nearest directory above it that is there and can be written to; of the rest only s->path, and
 * s->staging where there is one, are set.  Returns and ends as store_open does.
 */
int store_look(struct store *s, const char *path, struct err *e);

/*
 * Let others be searched before s, which is open: those of paths (NULL-terminated, may be NULL),
 * which must be there, then those of $SANDBOX_STORES, separated by colons, of which one that is not
 * is left out with a note.  They may belong to anybody: who names one trusts its owner as much as
 * the images in it. Returns 0, or -1 with e.
 */
int store_open_others(struct store *s, char *const *paths, struct err *e);

/* The i-th store to be searched, from 0 on: the others come first, then s. */
struct store *store_searched(struct store *s, size_t i);

/* Let others than the owner read s, and the images that are imported with import_request.shared. */
int store_share(struct store *s, struct err *e);

#endif
