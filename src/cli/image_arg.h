/*
 * image_arg: the word that names an image, and the options that choose from it.
 */
#ifndef CLI_IMAGE_ARG_H
#define CLI_IMAGE_ARG_H

#include "cli/verb.h"
#include "store/stored_image.h"

/* Options of the verbs that take_image; they fill a struct import_request. */
extern const struct opt image_arg_opts[];

enum image_arg {
	IMAGE_ARG_ERROR = -1,
	IMAGE_ARG_SOURCE, /* "-", a file, or a folder with an image in it; or one of these with #NAME */
	IMAGE_ARG_ROOTFS, /* a folder without one: a root file system */
	IMAGE_ARG_STORED, /* nothing of the kind: a name, or the first digits of an id, in the store */
};

/*
 * What word is, for all verbs alike.  c->request gets the word, the descriptor of a file or folder,
 * and the name behind '#'.  IMAGE_ARG_ERROR with e.
 */
enum image_arg image_arg_resolve(struct call *c, const char *word, struct err *e);

/* For verbs that read images and not the store: 0 for a source, else -1 with e. */
int image_arg_want_source(struct call *c, enum image_arg kind, struct err *e);

/* Open the image that was resolved as kind: a source is imported, a name looked up in the store, and
 * c->request.choice.name gets all of it.  Returns 0, or -1 with e (also for kind IMAGE_ARG_ERROR); stored_image_close in both cases. */
int image_arg_open(struct call *c, enum image_arg kind, struct stored_image *ret, struct err *e);

#endif
