/*
 * stored_image: an image in the store.
 * Touches the image's folder; the root file system is never written to.
 */
#include "store/stored_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "image/image.h"
#include "store/staging.h"
#include "util/fd.h"
#include "util/node.h"
#include "util/path.h"
#include "util/proc.h"

#define STORED_IMAGE_USED_SECONDS 60
#define STORED_IMAGE_PAUSE_MS 20
#define STORED_IMAGE_TRIES 3000 /* a minute */

/*
 * After a crash of the machine, files that were not synced may be empty.  A copy of the store, or a
 * disk that was moved here, cannot be told from that.
 */
static int stored_image_check_boot(const struct record *r, struct err *e)
{
	char now[NODE_BOOT_MAX];

	if (!r->boot[0])
		return 0;
	if (node_boot(now) < 0)
		return err_set(e, errno, "image %.12s: the machine's boot id", r->id);
	if (strcmp(now, r->boot) == 0)
		return 0;
	(void)err_set(e, 0,
		"image %.12s: must be checked, since the machine was restarted, or the store was copied, before its data was surely on the disk",
		r->id);
	(void)err_hint(
		e, "`sandbox verify %.12s`; if nothing differs, it can be used again", r->id);
	e->code = ESTALE;
	return -1;
}

/*
 * Is the image, whose lock file is st, no longer in its place?  A process that removes it empties the
 * file before it moves the folder away.  So names are looked at only then; on NFS they may be half a
 * minute old, while the file is brought up to date by its lock.  A file that was empty before, or is
 * shared by hard links with a copy of the store, does no harm.
 */
static bool stored_image_is_gone(
	const struct stored_image *i, const struct stat *st, const char *id)
{
	if (st->st_size != 0)
		return false;
	staging_look_anew(i->store->images);
	return !path_is_at(i->dir, i->store->images, id);
}

/*
 * The lock is shared while the image is in use.  A process that removes the image takes it alone, see
 * remove.c.  Returns 0, or -1 with errno.
 */
static int stored_image_share_lock(struct stored_image *i, const char *id)
{
	struct stat st;

	for (int n = 0; flock(i->lock, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK; n++) {
		if (n == STORED_IMAGE_TRIES)
			return err_errno(EBUSY);
		if (fstat(i->lock, &st) == 0 && stored_image_is_gone(i, &st, id))
			return err_errno(ENOENT);
		proc_pause(STORED_IMAGE_PAUSE_MS);
	}
	if (fstat(i->lock, &st) < 0)
		return -1;
	i->used = st.st_mtime;
	return stored_image_is_gone(i, &st, id) ? err_errno(ENOENT) : 0;
}

/* What is read of it when the lock is held. */
static int stored_image_read(struct stored_image *i, const char *id, struct err *e)
{
	if (record_read(i->dir, &i->record, e) < 0)
		return err_wrap(e, "image %.12s", id);
	i->rootfs = path_open_beneath(i->dir, "rootfs", O_RDONLY | O_DIRECTORY, 0);
	if (i->rootfs < 0)
		return err_set(e, errno, "image %.12s: rootfs", id);
	return stored_image_check_boot(&i->record, e);
}

int stored_image_hold(struct stored_image *i, const struct store *s, const char *id, struct err *e)
{
	*i = STORED_IMAGE_NONE;
	i->store = s;
	i->dir = path_open_beneath(s->images, id, O_RDONLY | O_DIRECTORY, 0);
	if (i->dir < 0)
		return err_set(e, errno, "image %.12s", id);
	i->lock = path_open_beneath(i->dir, STAGING_LOCK, O_RDONLY | O_NONBLOCK, 0);
	if (i->lock < 0 && (errno == EMFILE || errno == ENFILE))
		return err_set(e, errno, "image %.12s", id);
	/* Without a lock file it is of an old sandbox, or was removed just now. */
	if (i->lock < 0 && !path_is_at(i->dir, s->images, id))
		return err_set(e, ENOENT, "image %.12s", id);
	if (i->lock >= 0 && stored_image_share_lock(i, id) < 0)
		return err_set(e, errno, "image %.12s", id);
	return 0;
}

static int stored_image_open_in(
	struct stored_image *i, const struct store *s, const char *id, struct err *e)
{
	return stored_image_hold(i, s, id, e) < 0 ? -1 : stored_image_read(i, id, e);
}

bool stored_image_is_damaged(int dir, const char *id, bool unchecked)
{
	struct stored_image i = STORED_IMAGE_NONE;
	struct err why = { 0 };
	int r;

	i.dir = dir;
	r = stored_image_read(&i, id, &why);
	fd_closep(&i.rootfs);
	/* 0: the record is not valid; ENOENT: a part is missing; ESTALE: it must be checked. */
	return r < 0 && (why.code == 0 || why.code == ENOENT || (unchecked && why.code == ESTALE));
}

int stored_image_open(struct stored_image *i, struct store *s, const char *id, struct err *e)
{
	for (size_t n = 0; n < s->n_others; n++) {
		if (stored_image_open_in(i, &s->others[n], id, e) == 0)
			return 0;
		stored_image_close(i);
	}
	return stored_image_open_in(i, s, id, e);
}

/* Not at each run: jobs on many nodes may share the store. */
void stored_image_used(const struct stored_image *i, bool note)
{
	if (i->lock >= 0 && !i->store->shared &&
		(note || time(NULL) - i->used >= STORED_IMAGE_USED_SECONDS))
		(void)futimens(i->lock, NULL);
}

void stored_image_close(struct stored_image *i)
{
	fd_closep(&i->rootfs);
	fd_closep(&i->lock);
	fd_closep(&i->dir);
	arena_done(&i->arena);
	*i = STORED_IMAGE_NONE;
}

char *stored_image_path(const struct stored_image *i, const char *tree, struct arena *a)
{
	return arena_printf(a, "%s/images/%s/%s", i->store->path, i->record.id, tree);
}

char *stored_image_text(const struct stored_image *i, size_t *ret_len, struct err *e)
{
	char *text = path_read_beneath(i->dir, "config.json", IMAGE_DOCUMENT_MAX, ret_len);

	if (!text)
		(void)err_set(e, errno, "image %.12s: config.json", i->record.id);
	return text;
}

const struct image_config *stored_image_config(struct stored_image *i, struct err *e)
{
	size_t len = 0;
	auto_free char *text = i->has_config ? NULL : stored_image_text(i, &len, e);

	i->has_config =
		i->has_config || (text && config_parse(text, len, &i->arena, &i->config, e) == 0);
	return i->has_config ? &i->config : NULL;
}

int stored_image_settle(struct stored_image *i, struct err *e)
{
	if (!i->record.boot[0])
		return 0;
	if (syncfs(i->dir) < 0)
		return err_set(e, errno, "store: sync");
	i->record.boot[0] = '\0';
	staging_sweep_files(i->dir);
	return record_write(i->dir, &i->record, e);
}
