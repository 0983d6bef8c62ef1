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

/* After a crash of the machine, files that were not synced may be empty. */
static int stored_image_check_boot(const struct record *r, struct err *e)
{
	char now[NODE_BOOT_MAX];

	if (!r->boot[0])
		return 0;
	node_boot(now);
	if (strcmp(now, r->boot) == 0)
		return 0;
	return err_set(e, ESTALE,
		"image %.12s: the machine was restarted before its data reached the disk", r->id);
}

/*
 * The lock is shared while the image is in use.  A process that removes the image takes it alone (see
 * remove.c), until the image is out of its place, or stays after all.  Returns true if this had to
 * wait for that.
 */
static bool stored_image_share_lock(int fd)
{
	for (int i = 0; i < STORED_IMAGE_TRIES; i++) {
		if (flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return i > 0;
		proc_pause(STORED_IMAGE_PAUSE_MS);
	}
	return true;
}

static int stored_image_open_in(
	struct stored_image *i, const struct store *s, const char *id, struct err *e)
{
	*i = STORED_IMAGE_NONE;
	i->store = s;
	i->dir = path_open_beneath(s->images, id, O_RDONLY | O_DIRECTORY, 0);
	if (i->dir < 0)
		return err_set(e, errno, "image %.12s", id);
	i->lock = path_open_beneath(i->dir, "lock", O_RDONLY, 0);
	if (i->lock >= 0 && stored_image_share_lock(i->lock) && !path_is_at(i->dir, s->images, id))
		return err_set(e, ENOENT, "image %.12s", id);
	if (record_read(i->dir, &i->record, e) < 0)
		return err_wrap(e, "image %.12s", id);
	if (stored_image_check_boot(&i->record, e) < 0)
		return -1;
	i->rootfs = path_open_beneath(i->dir, "rootfs", O_RDONLY | O_DIRECTORY, 0);
	return i->rootfs < 0 ? err_set(e, errno, "image %.12s: rootfs", id) : 0;
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
void stored_image_used(const struct stored_image *i)
{
	struct stat st;

	if (i->lock >= 0 && !i->store->shared && fstat(i->lock, &st) == 0 &&
		time(NULL) - st.st_mtime >= STORED_IMAGE_USED_SECONDS)
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

int stored_image_settle(struct store *s, struct stored_image *i, struct err *e)
{
	if (!i->record.boot[0])
		return 0;
	if (syncfs(s->fd) < 0)
		return err_set(e, errno, "store: sync");
	i->record.boot[0] = '\0';
	staging_sweep_files(i->dir);
	return record_write(i->dir, &i->record, e);
}
