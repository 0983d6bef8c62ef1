/*
 * remove: takes an image out of the store, unless it is in use.
 * Touches images/, refs/ and staging/; reads runs/ and /proc/locks.
 */
#include "store/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/refs.h"
#include "store/staging.h"
#include "store/stored_image.h"
#include "util/fd.h"
#include "util/node.h"
#include "util/path.h"
#include "util/proc.h"

#define REMOVE_JUST_USED \
	120 /* seconds: longer than a run takes to make its entry in runs/, and than the grain of \
	       the time of use */
#define REMOVE_PAUSE_MS 20
#define REMOVE_TRIES 3000 /* a minute */

/* file is the run's entry, NAME@HOST. */
static int removal_used_by_run(const char *id, const char *file, struct err *e)
{
	char here[NODE_NAME_MAX + 1];
	const char *host = strchr(file, '@') + 1;
	const int len = (int)(host - file) - 1;

	node_name(here);
	if (strcmp(host, here) == 0) {
		(void)err_set(e, 0, "image %.12s: in use by the run %.*s", id, len, file);
		(void)err_hint(e, "`sandbox stop %.*s` ends it", len, file);
	} else {
		(void)err_set(
			e, 0, "image %.12s: in use by the run %.*s on %s", id, len, file, host);
		(void)err_hint(e, "if that machine is gone, remove runs/%s from the store", file);
	}
	e->code = EBUSY;
	return -1;
}

/*
 * A run holds a shared lock of its image for as long as it lives, and makes an entry in runs/ soon
 * after its start.  Locks are reliable; where the file system has none, or separate ones on each
 * node, the entry decides.
 */
static int removal_check(struct removal *r, int got, bool unasked, pid_t holder, struct err *e)
{
	const char *file = runs_use(&r->store->runs, r->id);

	if (file)
		return removal_used_by_run(r->id, file, e);
	if (got == EWOULDBLOCK && holder)
		(void)err_set(e, 0, "image %.12s: in use by process %ld", r->id, (long)holder);
	else if (got == EWOULDBLOCK)
		(void)err_set(e, 0, "image %.12s: in use", r->id);
	else if (got && r->lock >= 0 && unasked && time(NULL) - r->used.tv_sec < REMOVE_JUST_USED)
		(void)err_set(e, 0, "image %.12s: in use: a run may just be starting", r->id);
	else
		return 0;
	e->code = EBUSY;
	return -1;
}

/* Open its folder, and take the lock alone.  Returns 0, or the errno of flock(2); -1 with errno if
 * there is no such image. */
static int removal_open(struct removal *r)
{
	r->dir = path_open_beneath(r->store->images, r->id, O_RDONLY | O_DIRECTORY, 0);
	if (r->dir < 0)
		return -1;
	r->lock = path_open_beneath(r->dir, STAGING_LOCK, O_RDWR, 0);
	return r->lock >= 0 && flock(r->lock, LOCK_EX | LOCK_NB) < 0 ? errno : 0;
}

int removal_begin(struct removal *r, struct store *s, const char *id, bool unasked, struct err *e)
{
	struct stat st;
	pid_t holder = 0;

	*r = (struct removal){ .store = s, .dir = -1, .lock = -1 };
	memcpy(r->id, id, sizeof(r->id));
	for (int i = 0;; i++) {
		int got = removal_open(r);
		bool alone = false;

		if (got < 0)
			return err_set(e, errno, "image %.12s", id);
		if (got == EWOULDBLOCK)
			holder = proc_lock_holder(r->lock, &alone);
		/* Meanwhile another process may have removed it, and a third one made it anew. */
		staging_look_anew(s->images);
		if (!alone && path_is_at(r->dir, s->images, id)) {
			if (r->lock >= 0 && fstat(r->lock, &st) == 0) {
				r->used = st.st_mtim;
			}
			return removal_check(r, got, unasked, holder, e);
		}
		removal_done(r);
		if (i == REMOVE_TRIES) {
			(void)err_set(
				e, 0, "image %.12s: process %ld is removing it", id, (long)holder);
			e->code = EBUSY;
			return -1;
		}
		if (alone)
			proc_pause(REMOVE_PAUSE_MS);
	}
}

int removal_finish(struct removal *r, struct err *e)
{
	struct store *s = r->store;

	/* Files of other ids can be removed only while the image is in its place. */
	if (s->strip && s->strip(r->dir, e) < 0)
		return err_wrap(e, "store %s: remove image %.12s", s->path, r->id);
	/* A process that waits for the lock, or will get it, looks for the image again. */
	if (r->lock >= 0 && ftruncate(r->lock, 0) < 0)
		return err_set(e, errno, "store %s: remove image %.12s", s->path, r->id);
	refs_remove_image(s, r->id);
	/* By one rename, so that nobody sees half an image, then in staging/. */
	if (staging_take_away(s->staging, s->images, r->id, &r->lock) < 0)
		return err_set(e, errno, "store %s: remove image %.12s", s->path, r->id);
	return 0;
}

void removal_done(struct removal *r)
{
	fd_closep(&r->lock);
	fd_closep(&r->dir);
}

/* One of the names, and when its image was used last, read before its names were. */
struct named {
	struct refs_found found;
	struct timespec used;
};

static int named_find(struct named *n, struct store *s, const char *name, struct err *e)
{
	char lock[DIGEST_HEX + sizeof("/" STAGING_LOCK)];
	struct stat st;

	if (refs_resolve_own(s, name, &n->found, e) < 0)
		return -1;
	(void)snprintf(lock, sizeof(lock), "%s/" STAGING_LOCK, n->found.id);
	/* One that was just used may be used again within the clock's resolution: read its names
	 * again. */
	n->used = fstatat(s->images, lock, &st, AT_SYMLINK_NOFOLLOW) == 0 && path_is_settled(&st)
			  ? st.st_mtim
			  : (struct timespec){ 0 };
	return 0;
}

/* Is the name, which may be "", one of several of its image?  *ret gets it. */
static bool named_is_one_of_several(struct store *s, const struct named *n, struct ref **ret)
{
	struct ref *refs;
	unsigned left = 0;

	*ret = NULL;
	for (size_t i = refs_of(s, n->found.id, &refs); i > 0; i--, refs++) {
		if (refs->file && strcmp(refs->name, n->found.name) == 0)
			*ret = refs;
		left += refs->file != NULL;
	}
	return *ret && left > 1;
}

/* Does another name stand for the image, now that this one is removed? */
static bool named_has_other(struct store *s, const struct named *n)
{
	char id[DIGEST_HEX + 1];
	struct ref *refs;

	for (size_t i = refs_of(s, n->found.id, &refs); i > 0; i--, refs++)
		if (refs->file && refs_read(s->refs.dir, refs->file, id) &&
			strcmp(id, n->found.id) == 0)
			return true;
	return false;
}

/*
 * Remove the name if its image has another one.  Returns 1 if that was all; 0 if the image goes, too,
 * *ret_removed if the name is gone already; or -1 with e.
 */
static int named_remove_name(
	struct store *s, const struct named *n, bool *ret_removed, struct err *e)
{
	struct ref *asked;

	if (!named_is_one_of_several(s, n, &asked))
		return 0;
	if (refs_remove(s, asked) < 0)
		return err_set(e, errno, "name %s", n->found.name);
	*ret_removed = true;
	/* Another process may remove the other one at the same time. */
	return named_has_other(s, n);
}

static int named_remove(struct store *s, const struct named *n, struct err *e)
{
	bool removed = false;
	struct removal r;
	int status = named_remove_name(s, n, &removed, e);

	if (status != 0)
		return status < 0 ? -1 : 0;
	status = removal_begin(&r, s, n->found.id, false, e);
	/* It may have got a name meanwhile. */
	if (status == 0 && (r.used.tv_sec != n->used.tv_sec || r.used.tv_nsec != n->used.tv_nsec)) {
		refs_forget(&s->refs);
		status = named_remove_name(s, n, &removed, e);
	}
	if (status == 0)
		status = removal_finish(&r, e);
	removal_done(&r);
	return status < 0 && !(removed && e->code == ENOENT) ? -1 : 0;
}

int remove_named(struct store *s, char *const *names, struct err *e)
{
	struct named *all = NULL;
	size_t n = 0;
	int r = 0;

	for (; r == 0 && names[n]; n++) {
		all = xgrow(all, n, sizeof(*all));
		r = named_find(&all[n], s, names[n], e);
	}
	for (size_t i = 0; r == 0 && i < n; i++)
		r = named_remove(s, &all[i], e);
	free(all);
	return r;
}
