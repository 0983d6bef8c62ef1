/*
 * refs: names of images, as files of refs/ that hold an id.  Within store/; others have store.h.
 */
#ifndef STORE_REFS_H
#define STORE_REFS_H

#include <dirent.h>
#include <sys/types.h>

#include "store/store.h"

/* A name as the name of a file, and back; in a's memory. */
char *refs_encode(struct arena *a, const char *name);
char *refs_decode(struct arena *a, const char *file);

/* The id that a file of refs/ or sources/ holds; false where it holds none. */
bool refs_read(int dirfd, const char *file, char id[DIGEST_HEX + 1]);

/* The mode of a file beside an image: who may read that may read this. */
mode_t refs_mode(const struct store *s, const char *id);

/* The files of refs/ that hold id. */
void refs_of(const struct store *s, const char *id, struct arena *a, struct strv *ret);

/* A folder of the store, to be read; the caller closes it.  NULL with errno. */
DIR *refs_list(int dirfd);

#endif
