/*
 * stored_image: an image that is in the store.
 */
#ifndef STORE_STORED_IMAGE_H
#define STORE_STORED_IMAGE_H

#include "image/config.h"
#include "store/record.h"
#include "store/store.h"

/* Opened.  A shared lock on it is held until stored_image_close: it is not removed meanwhile. */
struct stored_image {
	const struct store *store; /* the one that it is in */
	int dir, rootfs, lock;
	struct record record;
	bool has_config; /* else stored_image_config reads it */
	struct image_config config;
	struct arena arena; /* of config */
};

/* One that was not opened. */
#define STORED_IMAGE_NONE ((struct stored_image){ .dir = -1, .rootfs = -1, .lock = -1 })

/* Returns 0, -1 with e; ENOENT in e->code where the store has no such image.  stored_image_close in
 * both cases. */
int stored_image_open(struct stored_image *i, struct store *s, const char *id, struct err *e);
void stored_image_close(struct stored_image *i);

/* The path of one of the trees in its folder: "rootfs", or one of owned_tree.h.  In a's memory. */
char *stored_image_path(const struct stored_image *i, const char *tree, struct arena *a);

/* The image's config document in a malloc'd string that the caller frees; NULL with e. */
char *stored_image_text(const struct stored_image *i, size_t *ret_len, struct err *e);

/* The image's config; valid until stored_image_close.  NULL with e. */
const struct image_config *stored_image_config(struct stored_image *i, struct err *e);

/*
 * The data of the image reaches the disk, and the record says so.  May take long.  Returns 0, or -1
 * with e.
 */
int stored_image_settle(struct store *s, struct stored_image *i, struct err *e);

/* A run begins: its image is one that is used.  Told by the time of the lock file, which is set now
 * and then only, and not where it cannot be. */
void stored_image_used(const struct stored_image *i);

#endif
