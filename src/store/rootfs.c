/*
 * rootfs: an image that is in the store: opening it, its config, getting its data to the disk.
 * Called by cli/ and within store/.  Touches the image's folder; the root file system is never
 * written to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/boot.h"
#include "store/record.h"
#include "store/staging.h"
#include "util/fd.h"
#include "util/path.h"

/* After a crash of the machine, files that were not synced may be there and empty. */
static int check_boot(const struct record *r, struct err *e)
{
	char now[BOOT_ID_SIZE];

	if (!r->boot[0])
		return 0;
	boot_id(now);
	if (strcmp(now, r->boot) == 0)
		return 0;
	return err_set(e, ESTALE,
		"image %.12s: the machine was restarted before its data reached the disk", r->id);
}

int stored_image_open(struct stored_image *i, struct store *s, const char *id, struct err *e)
{
	*i = (struct stored_image){ .dir = -1, .rootfs = -1, .lock = -1 };
	i->dir = path_open_beneath(s->images, id, O_RDONLY | O_DIRECTORY, 0);
	if (i->dir < 0)
		return err_set(e, errno, "image %.12s", id);
	/* Held shared while the image is in use; store_remove wants it for itself. */
	i->lock = path_open_beneath(i->dir, "lock", O_RDONLY, 0);
	if (i->lock >= 0)
		(void)flock(i->lock, LOCK_SH | LOCK_NB);
	if (record_read(i->dir, &i->record, e) < 0)
		return err_wrap(e, "image %.12s", id);
	if (check_boot(&i->record, e) < 0)
		return -1;
	i->rootfs = path_open_beneath(i->dir, "rootfs", O_RDONLY | O_DIRECTORY, 0);
	return i->rootfs < 0 ? err_set(e, errno, "image %.12s: rootfs", id) : 0;
}

void stored_image_close(struct stored_image *i)
{
	fd_closep(&i->rootfs);
	fd_closep(&i->lock);
	fd_closep(&i->dir);
	*i = (struct stored_image){ .dir = -1, .rootfs = -1, .lock = -1 };
}

char *stored_image_config(const struct stored_image *i, size_t *ret_len, struct err *e)
{
	auto_fd fd = path_open_beneath(i->dir, "config.json", O_RDONLY, 0);
	char *text = fd < 0 ? NULL : fd_read_all(fd, IMAGE_DOCUMENT_MAX, ret_len);

	if (!text)
		(void)err_set(e, errno, "image %.12s: config.json", i->record.id);
	return text;
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
