/*
 * refs: names of images, each a file of refs/ that holds an id; finds images by name or id.
 */
#pragma once

#include <sys/types.h>

#include "image/ref.h"
#include "store/store.h"

/* An image that was looked up. */
struct refs_found {
	char id[DIGEST_HEX + 1];
	char name[REF_MAX + 1]; /* the full name that matched; "" if an id did */
};

/*
 * Find the image that a name, the end of a name, or the first digits of an id stand for.  The end
 * must be that of one name only.  Returns 0, or -1 with e (ENOENT: there is no such image; if there
 * are several, the message lists them).
 */
int refs_resolve(struct store *s, const char *name, struct refs_found *ret, struct err *e);

/* The same in s alone, without its others. */
int refs_resolve_own(struct store *s, const char *name, struct refs_found *ret, struct err *e);

/* Let name stand for id, an image in s; it is normalised.  Returns 1, 0 if it does already, or -1 with
 * e. */
int refs_set(struct store *s, const char *name, const char *id, struct err *e);

struct ref {
	char *file, *name; /* file NULL: it was removed */
	char id[DIGEST_HEX + 1];
};

/* The names of the image with this id, in s alone.  Returns their number, and in *ret the first. */
size_t refs_of(struct store *s, const char *id, struct ref **ret);

/* Remove one name, unless it stands for another image by now, or all names of an image that was
 * removed.  Returns 0, or -1 with errno. */
int refs_remove(struct store *s, struct ref *r);
void refs_remove_image(struct store *s, const char *id);

/* Remove a file of refs/ or sources/ if there is no image with its id; look: remove nothing.  Returns
 * 1 if it is so, 0 if not, or -1 with errno. */
int refs_remove_dead(struct store *s, int dirfd, const char *file, bool look);

/* Drop what was read of the names, to read it again. */
void refs_forget(struct refs *r);

/* Read the id in a file of refs/ or sources/; false if there is no id in it. */
bool refs_read(int dirfd, const char *file, char id[DIGEST_HEX + 1]);

/* Write id to a file of refs/ or sources/.  Users who may read the image may read the file.  Returns
 * 0, or -1 with errno. */
int refs_write(const struct store *s, int dirfd, const char *file, const char *id);

/* The name that a file of refs/ stands for; in a's memory. */
char *refs_decode(struct arena *a, const char *file);
