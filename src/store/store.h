/*
 * store: unpacked images in a directory that the user owns.
 *
 *   images/ID/      rootfs/, config.json, manifest.json, owners, record.json; whole, or not there
 *   refs/NAME       the ID that a name stands for
 *   sources/KEY     the ID that a tarball (device, inode, size, times) gave
 *   runs/NAME       a run that is alive
 *   staging/        what is being unpacked, and locks; whoever comes next removes leftovers of the dead
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "image/image.h"
#include "runs/runs.h"
#include "unpack/unpack.h"
#include "util/err.h"

struct store {
	int fd, images, refs, sources, staging;
	struct runs runs;
	char *path;
	bool shared;  /* somebody else's, perhaps: it is read, and nothing is ever written to it */
	bool nowhere; /* store_open failed, since none of the places that it knows will do */
	struct store *others; /* shared ones, searched before this one */
	size_t n_others;
	/* Removes from an image's folder what belongs to other ids than the caller's (owned.h);
	 * NULL: nobody can. */
	int (*strip)(int image, struct err *e);
};

/* One that was not opened. */
#define STORE_NONE \
	((struct store){ .fd = -1, \
		.images = -1, \
		.refs = -1, \
		.sources = -1, \
		.staging = -1, \
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

/* Let others than the owner read s, and the images that are imported with import_request.shared. */
int store_share(struct store *s, struct err *e);

/* What an image's record.json says. */
struct record {
	char id[DIGEST_HEX + 1];
	uint64_t size, entries; /* bytes of file contents, number of entries */
	int64_t unpacked;	/* seconds since 1970 */
	char boot[64]; /* boot id while the data may not have reached the disk, "" once it has */
};

/* An image in the store, opened.  A shared lock on it is held until image_close: it is not removed
 * meanwhile. */
struct stored_image {
	const struct store *store; /* the one that it is in */
	int dir, rootfs, lock;
	struct record record;
};

/* One that was not opened. */
#define STORED_IMAGE_NONE ((struct stored_image){ .dir = -1, .rootfs = -1, .lock = -1 })

/* Returns 0, -1 with e; ENOENT in e->code where the store has no such image.  stored_image_close in
 * both cases. */
int stored_image_open(struct stored_image *i, struct store *s, const char *id, struct err *e);
void stored_image_close(struct stored_image *i);

/* The image's config document in a malloc'd string that the caller frees; NULL with e. */
char *stored_image_config(const struct stored_image *i, size_t *ret_len, struct err *e);

/*
 * The data of the image reaches the disk, and the record says so.  May take long.  Returns 0, or -1
 * with e.
 */
int stored_image_settle(struct store *s, struct stored_image *i, struct err *e);

/* A run begins: its image is one that is used.  Told by the time of the lock file, which is set now
 * and then only, and not where it cannot be. */
void stored_image_used(const struct stored_image *i);

/* The image that a name or the first digits of an id stand for.  Returns 0, or -1 with e (ENOENT:
 * none, several are listed). */
int store_resolve(struct store *s, const char *name, char ret_id[DIGEST_HEX + 1], struct err *e);

/* The same, but only what is in s itself will do. */
int store_resolve_own(
	struct store *s, const char *name, char ret_id[DIGEST_HEX + 1], struct err *e);

/* Let name stand for id, an image in s; it is normalised.  Returns 0, or -1 with e. */
int store_set_ref(struct store *s, const char *name, const char *id, struct err *e);

/* Remove one name or, given an id or its start, the image with all its names.  Refused while it is
 * in use. */
int store_remove(struct store *s, const char *name, struct err *e);

/* An image in a list; valid as long as the call that hands it out. */
struct listed_image {
	const struct store *store;
	const struct record *record;
	int dir;
	char *const *names; /* normalised, NULL-terminated, perhaps none; NULL: none */
	int64_t used;	    /* when a run began, to the minute; seconds since 1970 */
};

/* Calls fn for each image of s and of the others; stops where it returns other than 0. */
int store_each(struct store *s, int (*fn)(const struct listed_image *i, void *arg), void *arg,
	struct err *e);

/* When the image in folder dir was made, by its config, in a malloc'd string; NULL where that does
 * not say. */
char *listed_image_created(int dir);

struct import_request {
	const char *source; /* path of a file or an OCI layout folder, or "-" */
	struct image_choice choice;
	struct unpack_limits limits;
	bool shared; /* an image that others than the owner of the store can read */
	const volatile sig_atomic_t *stop;
	void (*progress)(void *arg, const struct unpack_stats *stats);
	void *progress_arg;
};

/*
 * Find the image of rq in the store, or unpack it into it.  Returns 0 with it opened in ret, or -1
 * with e; nothing is left of a failure.  stored_image_close in both cases.  ret_stats, where not
 * NULL, tells what was unpacked (all 0 where nothing was).
 */
int store_import(struct store *s, const struct import_request *rq, struct stored_image *ret,
	struct unpack_stats *ret_stats, struct err *e);

/*
 * Import every image of rq's source; what rq chooses is looked at for its platform only.  Calls fn
 * with the id and the names (as in listed_image) of each.  Returns 0, or -1 with e: those before
 * stay.
 */
int store_load(struct store *s, const struct import_request *rq,
	int (*fn)(const char *id, char *const *names, void *arg, struct err *e), void *arg,
	struct err *e);

/* Unpack the root file system of rq's image into a directory that is not there yet, or empty; any
 * tar will do. */
int store_unpack_to(const struct import_request *rq, const char *dir,
	struct unpack_stats *ret_stats, struct err *e);

#endif
