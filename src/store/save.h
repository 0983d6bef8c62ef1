/*
 * save: writes an image of the store as an archive.
 */
#pragma once

#include <signal.h>

#include "store/stored_image.h"

struct save_request {
	const char *name;    /* normalised, in the archive; NULL: none */
	bool real;	     /* the files have their owners */
	const char *comment; /* of the layer's step; NULL: none */
	const char *author;  /* NULL: the image's */
	const char *created; /* RFC 3339; NULL: when the image was */
	char *const *change; /* see image/change.h; NULL: the config is the image's */
	const volatile sig_atomic_t *stop;
};

/*
 * Write an OCI archive to out, with a manifest.json for older Dockers.  It has one layer, made of the
 * tree that i->rootfs is open on, since the store keeps no blobs; so its id differs from the image's.
 * The same image always gives the same bytes.  The caller should be root of a user namespace: the
 * modes of some files may forbid their owner to read them.  Returns 0, or -1 with e.
 */
int save_archive(
	const struct stored_image *i, const struct save_request *rq, int out, struct err *e);
