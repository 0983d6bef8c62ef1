/*
 * save: writes an image of the store as an archive.
 */
#pragma once

#include <signal.h>

#include "store/stored_image.h"

/*
 * Write an OCI archive to out, with a manifest.json for older Dockers.  It has one layer, made of the
 * unpacked tree, since the store keeps no blobs; so its id differs from the image's.  name is the
 * normalised name in the archive, or NULL.  The same image always gives the same bytes.  The caller
 * should be root of a user namespace: the modes of some files may forbid their owner to read them.
 * Returns 0, or -1 with e.
 */
int save_archive(const struct stored_image *i, const char *name, int out,
	const volatile sig_atomic_t *stop, struct err *e);
