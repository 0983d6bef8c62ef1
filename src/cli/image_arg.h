/*
 * image_arg: the word that names an image, and the options that choose from it.
 */
#ifndef CLI_IMAGE_ARG_H
#define CLI_IMAGE_ARG_H

#include "cli/verb.h"
#include "store/stored_image.h"

/* Options of the verbs that take_image; they fill a struct import_request. */
extern const struct opt image_arg_opts[];

/*
 * What the user calls an image, as a source to import: false where it is rather a name in the
 * store. Splits off "#NAME:TAG"; strings into a.
 */
bool image_arg_is_source(const char *image, struct import_request *rq, struct arena *a);

/* Open what the user calls an image: imported where it is a source, else looked up in the store.
 * 0, or -1 with e; stored_image_close in both cases. */
int image_arg_open(struct call *c, const char *image, struct stored_image *ret, struct err *e);

#endif
