/*
 * stored_image: an image in the store.
 */
#pragma once

#include "image/config.h"
#include "store/record.h"
#include "store/store.h"

/* Opened.  It holds a shared lock, so that the image is not removed before stored_image_close. */
struct stored_image {
	const struct store *store; /* where it is */
	int dir, rootfs, lock;
	time_t used; /* the time of the lock file */
	struct record record;
	bool has_config; /* else stored_image_config reads it */
	struct image_config config;
	struct arena arena; /* of config */
};

/* One that was not opened. */
#define STORED_IMAGE_NONE ((struct stored_image){ .dir = -1, .rootfs = -1, .lock = -1 })

/*
 * Returns 0, or -1 with e (ENOENT: the store has no such image; ESTALE: it is opened, but a crash may
 * have damaged it).  Call stored_image_close in all cases.
 */
int stored_image_open(struct stored_image *i, struct store *s, const char *id, struct err *e);
void stored_image_close(struct stored_image *i);

/* Only keep an image of this one store from being removed, whatever its state.  Returns and is closed
 * as above. */
int stored_image_hold(struct stored_image *i, const struct store *s, const char *id, struct err *e);

/* The path of one of the trees in its folder: "rootfs", or one of owned_tree.h.  In a's memory. */
char *stored_image_path(const struct stored_image *i, const char *tree, struct arena *a);

/* The image's config document in a malloc'd string that the caller frees; NULL with e. */
char *stored_image_text(const struct stored_image *i, size_t *ret_len, struct err *e);

/* The image's config; valid until stored_image_close.  NULL with e. */
const struct image_config *stored_image_config(struct stored_image *i, struct err *e);

/*
 * Write the data of the image to the disk, and note that in its record.  May take long.  Returns 0,
 * or -1 with e.
 */
int stored_image_settle(struct stored_image *i, struct err *e);

/*
 * A run of the image begins.  This updates the time of the lock file, at most once a minute, if the
 * store is writable.  note: at once, since a name or a folder of --writable will need the image; a
 * process that is about to remove it sees that (remove.h).
 */
void stored_image_used(const struct stored_image *i, bool note);

/* Is the image in this folder not whole?  unchecked: or may it be so, since the machine crashed? */
bool stored_image_is_damaged(int dir, const char *id, bool unchecked);
