/*
 * remove: removes an image, or one of its names.
 * Touches images/, refs/ and staging/; reads runs/.
 */
#include "store/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/refs.h"
#include "store/staging.h"
#include "util/fd.h"
#include "util/path.h"

#define REMOVE_JUST_USED \
	120 /* longer than a run takes to make its entry in runs/, and than the grain of \
	       the time of use */

/*
 * A run holds a shared lock of its image for as long as it lives, and makes an entry in runs/ soon
 * after its start.  Locks are reliable; where the file system has none, or separate ones on each
 * node, the entry decides.
 */
static int remove_check(struct store *s, const char *id, int lock, int flags, struct err *e)
{
	const char *file;
	bool held = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0;
	struct stat st;

	if (lock >= 0 && !held && errno == EWOULDBLOCK)
		return err_set(e, EBUSY, "image %.12s: in use", id);
	file = runs_use(&s->runs, id);
	if (file) {
		(void)err_set(e, EBUSY, "image %.12s: in use: by %s", id, file);
		return err_hint(e, "if that machine is gone, remove runs/%s from the store", file);
	}
	if (!held && lock >= 0 && (flags & REMOVE_UNASKED) && fstat(lock, &st) == 0 &&
		time(NULL) - st.st_mtime < REMOVE_JUST_USED)
		return err_set(e, EBUSY, "image %.12s: in use: a run may just be starting", id);
	return 0;
}

/* Move it out of images/ by one rename, then remove it: nobody sees half an image. */
static int remove_take_away(struct store *s, const char *id, int *lock, struct err *e)
{
	struct staging g;
	int r = -1;

	if (staging_new(&g, s->staging, "removed", e) == 0) {
		r = renameat(s->images, id, g.dir, id);
		if (r < 0 && errno != ENOENT)
			(void)err_set(e, errno, "image %.12s: remove", id);
		else
			r = 0;
	}
	fd_closep(lock); /* NFS would keep an open file, and its folder */
	*lock = -1;
	staging_done(&g);
	return r;
}

int remove_image(struct store *s, const char *id, int flags, struct err *e)
{
	auto_fd dir = path_open_beneath(s->images, id, O_RDONLY | O_DIRECTORY, 0);
	/* kept until the image is out of images/: a run that opens it waits for that
	 * (stored_image.c) */
	auto_fd lock = dir < 0 ? -1 : path_open_beneath(dir, "lock", O_RDWR, 0);
	int r = remove_check(s, id, lock, flags, e);

	if (r < 0 || (flags & REMOVE_LOOK))
		return r;
	/* Files of other ids can be removed only while the image is in its place. */
	if (s->strip && dir >= 0 && s->strip(dir, e) < 0)
		return err_wrap(e, "image %.12s: remove", id);
	r = remove_take_away(s, id, &lock, e);
	if (r == 0)
		refs_remove_image(s, id);
	return r;
}

int remove_named(struct store *s, const char *name, struct err *e)
{
	struct refs_found found;
	struct ref *refs, *asked = NULL;
	unsigned left = 0;

	if (refs_resolve_own(s, name, &found, e) < 0)
		return -1;
	for (size_t n = refs_of(s, found.id, &refs); n > 0; n--, refs++) {
		if (refs->file && strcmp(refs->name, found.name) == 0)
			asked = refs;
		left += refs->file != NULL;
	}
	/* One of several names is removed; the last one, or the id, removes the image. */
	if (!asked || left < 2)
		return remove_image(s, found.id, 0, e);
	return refs_remove(s, asked) < 0 ? err_set(e, errno, "name %s", found.name) : 0;
}
