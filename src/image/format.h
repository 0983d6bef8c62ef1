/* format: the format of a container, and the image that the caller asks for. */
#pragma once

#include "image/candidates.h"

/*
 * The format of a container, by the names in it: IMAGE_ROOTFS if there is no image document.  For a
 * folder its descriptor is enough.
 */
enum image_kind format_of(struct container *c);
enum image_kind format_of_folder(int dirfd);

/* Does it have files that only root file systems have? */
bool format_is_rootfs(int dirfd);

/* Is it a Git working tree or a bare repository? */
bool format_is_git(int dirfd);

/*
 * Find the images in c: none in a root file system.  Strings are in a.  Returns 0, or -1 with e;
 * candidates_done in both cases.
 */
int format_gather(struct candidates *l, struct container *c, const struct image_choice *choice,
	struct arena *a, struct err *e);

/*
 * Load the one that choice asks for.  Returns 0, or -1 with e (there is none; there are several,
 * which e lists; documents are missing or damaged).  image_done in both cases.
 */
int format_load_from(struct image *img, const struct candidates *l,
	const struct image_choice *choice, struct err *e);

/* Both at once. */
int format_load(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e);
