/*
 * image_arg: the word that names an image, and the options that choose from it.
 */
#pragma once

#include "cli/verb.h"
#include "store/stored_image.h"

/* The options of verbs that take an IMAGE.  They fill a struct import_request. */
extern const struct opt image_arg_opts[];

enum image_arg {
	IMAGE_ARG_ERROR = -1,
	IMAGE_ARG_SOURCE, /* "-", a file, or a folder with an image; or one of these with #NAME */
	IMAGE_ARG_ROOTFS, /* a folder without an image: a root file system */
	IMAGE_ARG_UNSURE, /* the same, but it looks like none: an image in the store goes before it */
	IMAGE_ARG_ODD, /* a pipe, a socket, a device, or what cannot be opened: the store goes before it, too */
	IMAGE_ARG_STORED, /* else: a name, or the first digits of an id, in the store */
};

/*
 * Decide what word stands for.  c->request gets the word, the descriptor of a file or folder, and
 * the name after '#'.  IMAGE_ARG_ERROR with e.
 */
enum image_arg image_arg_resolve(struct call *c, const char *word, struct err *e);

/* Is there an image of that name in the stores, if they are open? */
bool image_arg_is_stored(struct call *c, const char *word);

/* For verbs that do not read the store: 0 if it is a source, else -1 with e. */
int image_arg_want_source(struct call *c, enum image_arg kind, struct err *e);

/* Open the image that was resolved as kind: import a source, or look up a name in the store and put
 * the whole name into c->request.choice.name.  Returns 0, or -1 with e, also for IMAGE_ARG_ERROR;
 * stored_image_close in both cases. */
int image_arg_open(struct call *c, enum image_arg kind, struct stored_image *ret, struct err *e);
