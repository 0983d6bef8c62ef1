/*
 * save: an image of the store as an archive again.
 */
#ifndef STORE_SAVE_H
#define STORE_SAVE_H

#include <signal.h>

#include "store/stored_image.h"

/*
 * Write an OCI archive (with a manifest.json for older Dockers) to out: one layer that is made of
 * the unpacked tree, since the blobs it came from are not kept; so its id is another.  name,
 * normalised, is what it is to be called; NULL: nothing.  The same image gives the same bytes.  The
 * caller should be root of a user namespace: some files may forbid their owner to read them.
 * Returns 0, or -1 with e.
 */
int save_archive(const struct stored_image *i, const char *name, int out,
	const volatile sig_atomic_t *stop, struct err *e);

#endif
