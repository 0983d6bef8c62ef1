/*
 * refs: names of images, as files of refs/ that hold an id, and finding images by them.
 */
#ifndef STORE_REFS_H
#define STORE_REFS_H

#include <sys/types.h>

#include "image/ref.h"
#include "store/store.h"

/* An image that was asked for. */
struct refs_found {
	char id[DIGEST_HEX + 1];
	char name[REF_MAX + 1]; /* the whole name that it was found by; "" where that was its id */
};

/*
 * The image that a name, the end of a name (which must be that of a single one) or the first digits
 * of an id stand for.  Returns 0, or -1 with e (ENOENT: none; several are listed).
 */
int refs_resolve(struct store *s, const char *name, struct refs_found *ret, struct err *e);

/* The same, but only what is in s itself will do. */
int refs_resolve_own(struct store *s, const char *name, struct refs_found *ret, struct err *e);

/* Let name stand for id, an image in s; it is normalised.  Returns 0, or -1 with e. */
int refs_set(struct store *s, const char *name, const char *id, struct err *e);

struct ref {
	char *file, *name; /* file NULL: it was removed */
	char id[DIGEST_HEX + 1];
};

/* Those of the image with this id, in s alone: *ret is the first of as many as are returned. */
size_t refs_of(struct store *s, const char *id, struct ref **ret);

/* Remove one name, or the names of an image that is gone.  Returns 0, or -1 with errno. */
int refs_remove(struct store *s, struct ref *r);
void refs_remove_image(struct store *s, const char *id);

/* The id that a file of refs/ or sources/ holds; false where it holds none. */
bool refs_read(int dirfd, const char *file, char id[DIGEST_HEX + 1]);

/* Let a file of refs/ or sources/ hold id; whoever may read the image may read it.  Returns 0, or
 * -1 with errno. */
int refs_write(const struct store *s, int dirfd, const char *file, const char *id);

/* The name that a file of refs/ stands for; in a's memory. */
char *refs_decode(struct arena *a, const char *file);

#endif
