/*
 * format: in which of its forms a container holds images, and through that the one that is asked
 * for.
 */
#pragma once

#include "image/container.h"
#include "image/image.h"

/*
 * What a container is, by the names in it: IMAGE_ROOTFS where it holds no image document.  Of a
 * folder, which need not be a container yet: its descriptor tells.
 */
enum image_kind format_of(struct container *c);
enum image_kind format_of_folder(int dirfd);

/* A working tree or a bare repository: no image, whatever else it is. */
bool format_is_git(int dirfd);

/*
 * Find the image in c that choice asks for.  Returns 0, or -1 with e (no image, several and none
 * chosen: lists them, missing or damaged documents).  image_done in both cases.
 */
int format_load(
	struct image *img, struct container *c, const struct image_choice *choice, struct err *e);

/*
 * All images in c that suit the platform of choice: what choice.name has to be for format_load to
 * find each.  Where there is one, or none, that is one element, and a choice without a name will
 * do.  Returns 0 with *ret, its strings in a, or -1 with e.
 */
int format_list(struct container *c, const struct image_choice *choice, struct arena *a,
	struct strv *ret, struct err *e);
