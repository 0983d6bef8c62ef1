/*
 * writable: what runs have written, kept under a name.
 * Touches writable/ of the store.
 */
#include "store/writable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runs/run_entry.h"
#include "store/staging.h"
#include "util/fd.h"
#include "util/json.h"
#include "util/names.h"
#include "util/path.h"

#define WRITABLE_ABOUT "about.json"
#define WRITABLE_ABOUT_MAX 65536

/* Open writable/.  Returns -1 with errno. */
static int writable_folder(const struct store *s)
{
	return path_open_beneath(s->fd, "writable", O_RDONLY | O_DIRECTORY, 0);
}

/* Read about.json.  Strings are in a's memory; missing ones are "". */
static int writable_read(int dir, struct writable_facts *f, struct arena *a, struct err *e)
{
	auto_json j = json_read(dir, WRITABLE_ABOUT, WRITABLE_ABOUT_MAX, e);
	char *image = (char *)"", *ids = (char *)"";

	if (!j)
		return -1;
	if (json_get_str(j, "image", a, &image, e) < 0 || json_get_str(j, "ids", a, &ids, e) < 0 ||
		json_get_i64(j, "used", &f->used, e) < 0)
		return err_wrap(e, WRITABLE_ABOUT);
	f->image = image;
	f->ids = ids;
	return 0;
}

static int writable_write(int dir, const char *image, const char *ids)
{
	auto_json j = json_new_obj();
	auto_free char *text = NULL;

	json_put_str(j, "image", image);
	json_put_str(j, "ids", ids);
	json_put_int(j, "used", (int64_t)time(NULL));
	text = json_dump(j, false);
	return fd_replace_file(dir, WRITABLE_ABOUT, text, strlen(text), 0600);
}

static int writable_failed(const struct store *s, const char *name, struct err *e)
{
	return err_set(e, errno, "--writable: %s: store %s", name, s->path);
}

/*
 * Open one and take its lock, which is held for as long as the run lives, or until the folder is
 * removed.  make: make what is missing.  It does not work on a file system without locks.
 */
static int writable_take(const struct store *s, int all, const char *name, bool make, int *ret_dir,
	int *ret_lock, struct err *e)
{
	for (;;) {
		auto_fd dir = -1, lock = -1;
		bool in_use;

		if (make)
			dir = path_make_own(all, name);
		if (!make || (dir < 0 && errno == EEXIST))
			dir = path_open_beneath(all, name, O_RDONLY | O_DIRECTORY, 0);
		if (dir < 0 && (!make || errno != ENOENT))
			return writable_failed(s, name, e);
		if (dir >= 0)
			lock = path_open_beneath(dir, STAGING_LOCK, O_RDWR | O_CREAT, 0600);
		in_use = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
		/* Meanwhile it may have been removed, and made anew. */
		if (dir < 0 || !path_is_at(dir, all, name))
			continue;
		if (lock < 0)
			return writable_failed(s, name, e);
		if (in_use) {
			(void)err_set(e, 0, "--writable: %s: another run is using it", name);
			return err_hint(e, "only one run at a time may write there");
		}
		*ret_dir = fd_take(&dir);
		*ret_lock = fd_take(&lock);
		return 0;
	}
}

int writable_make_dirs(int dir, mode_t mode)
{
	/* by fchmodat too, since mkdir(2) applies the umask */
	return (mkdirat(dir, "upper", 0700) < 0 && errno != EEXIST) ||
			       (mkdirat(dir, "work", 0700) < 0 && errno != EEXIST)
		       ? -1
		       : fchmodat(dir, "upper", mode & 07777, 0);
}

/* about.json is written last: without it, the rest was left by a run that was killed meanwhile. */
static int writable_fill(struct writable *w, const char *name, const char *image, const char *ids,
	mode_t mode, struct err *e)
{
	struct arena a = { 0 };
	struct writable_facts f = { .image = "", .ids = "" };
	/* Without upper/ a process that removes it was killed before it was done. */
	const bool known = path_is_there(w->dir, WRITABLE_ABOUT) && path_is_there(w->dir, "upper");
	int r = 0;

	if (known) {
		r = writable_read(w->dir, &f, &a, e);
		if (r == 0 && strcmp(f.image, image) != 0)
			r = err_set(e, 0,
				"--writable: %s: goes with the image %.12s, not with %.12s", name,
				f.image, image);
		else if (r == 0 && strcmp(f.ids, ids) != 0)
			r = err_set(e, 0, "--writable: %s: was made %s", name,
				strcmp(f.ids, "range") == 0  ? "with --subuid"
				: strcmp(f.ids, "host") == 0 ? "with --no-userns"
							     : "without --subuid");
	} else {
		if (writable_make_dirs(w->dir, mode) < 0)
			r = err_set(e, errno, "--writable: %s", name);
	}
	/* The time of use alone is no reason to fail, on a disk that is full. */
	if (r == 0 && writable_write(w->dir, image, ids) < 0 && !known)
		r = err_set(e, errno, "--writable: %s: " WRITABLE_ABOUT, name);
	arena_done(&a);
	return r;
}

int writable_open(struct writable *w, struct store *s, const char *name, const char *image,
	const char *ids, mode_t mode, struct err *e)
{
	auto_fd all = -1;
	char path[PATH_MAX], real[PATH_MAX];

	*w = WRITABLE_NONE;
	if (run_entry_check_name("--writable", name, e) < 0)
		return -1;
	if (mkdirat(s->fd, "writable", 0700) < 0 && errno != EEXIST)
		return writable_failed(s, name, e);
	all = writable_folder(s);
	if (all < 0)
		return writable_failed(s, name, e);
	if (writable_take(s, all, name, true, &w->dir, &w->lock, e) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/writable/%s", s->path, name);
	if (!realpath(path, real))
		return err_set(e, errno, "%s", path);
	w->path = xstrdup(real);
	if (writable_fill(w, name, image, ids, mode, e) == 0)
		return 0;
	if (!path_is_there(w->dir, WRITABLE_ABOUT))
		(void)staging_take_away(s->staging, all, name, &w->lock);
	return -1;
}

void writable_close(struct writable *w)
{
	fd_closep(&w->lock);
	fd_closep(&w->dir);
	free(w->path);
	*w = WRITABLE_NONE;
}

static bool writable_is_live(int dir)
{
	auto_fd lock = path_open_beneath(dir, "lock", O_RDWR, 0);

	return lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

int writable_each(struct store *s, int (*fn)(const struct writable_facts *f, void *arg), void *arg,
	struct err *e)
{
	int r = 0;
	const char *name;
	auto_names d;

	if (names_take(&d, writable_folder(s)) < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "store: %s/writable", s->path);
	while (r == 0 && (name = names_next(&d))) {
		auto_fd dir = name[0] == '.'
				      ? -1
				      : path_open_beneath(d.fd, name, O_RDONLY | O_DIRECTORY, 0);
		struct writable_facts f = { .name = name, .image = "", .ids = "" };
		struct arena a = { 0 };
		struct err why;

		if (dir < 0)
			continue;
		f.live = writable_is_live(dir);
		(void)writable_read(dir, &f, &a, &why);
		r = fn(&f, arg);
		arena_done(&a);
	}
	return r;
}

static int writable_remove_one(struct store *s, int all, const char *name,
	int (*strip)(int dir, struct err *e), struct err *e)
{
	auto_fd dir = -1, lock = -1;
	struct writable_facts f = { .image = "", .ids = "" };
	struct arena a = { 0 };
	struct err why;
	int r = writable_take(s, all, name, false, &dir, &lock, e);

	if (r == 0 && writable_read(dir, &f, &a, &why) == 0 && strcmp(f.ids, "range") == 0)
		r = strip(dir, e);
	if (r == 0 && staging_take_away(s->staging, all, name, &lock) < 0)
		r = writable_failed(s, name, e);
	arena_done(&a);
	return r;
}

int writable_remove(
	struct store *s, char *const *names, int (*strip)(int dir, struct err *e), struct err *e)
{
	auto_fd all = writable_folder(s);
	int r = 0;

	for (size_t i = 0; names[i]; i++) {
		if (run_entry_check_name("--writable", names[i], e) < 0)
			return -1;
		if (!path_is_there(all, names[i])) {
			(void)err_set(e, ENOENT, "--writable: %s: the store %s keeps none",
				names[i], s->path);
			return err_hint(e, "`sandbox writable` lists what is kept");
		}
	}
	for (size_t i = 0; r == 0 && names[i]; i++)
		r = writable_remove_one(s, all, names[i], strip, e);
	return r;
}
