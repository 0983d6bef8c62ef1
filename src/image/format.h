/* format: the format of a container, and the image that the caller asks for. */
#pragma once

#include "image/container.h"
#include "image/image.h"

/*
 * The format of a container, by the names in it: IMAGE_ROOTFS if there is no image document.  For a
 * folder its descriptor is enough.
 */
enum image_kind format_of(struct container *c);
enum image_kind format_of_folder(int dirfd);

/* Is it a Git working tree or a bare repository? */
bool format_is_git(int dirfd);

/*
 * Find the image in c that choice asks for.  Returns 0, or -1 with e (there is none; there are
 * several, which e lists; documents are missing or damaged).  image_done in both cases.
 */
int format_load(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e);

/*
 * For each image in c that suits the platform of choice, the choice.name that finds it.  If there
 * is one image or none, that is a single element, and no name is needed.  Returns 0 with *ret, its
 * strings in a, or -1 with e.
 */
int format_list(struct container *c, const struct image_choice *choice, struct arena *a,
	struct strv *ret, struct err *e);
