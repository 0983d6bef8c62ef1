/*
 * refs: names of images, and finding, listing and removing images by them.
 * Called by cli/ and within store/.  Touches refs/ and, to remove, images/ and staging/.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "image/ref.h"
#include "store/record.h"
#include "store/staging.h"
#include "util/fd.h"
#include "util/path.h"

#define PREFIX_MIN 3 /* digits of an id that may stand for it */

/* A name as a file name: '/' cannot be in one, and '%' marks what was changed. */
static char *encode(struct arena *a, const char *name)
{
	char *out = arena_alloc(a, 3 * strlen(name) + 1), *p = out;

	for (; *name; name++) {
		if (*name == '/' || *name == '%')
			p += sprintf(p, "%%%02X", (unsigned char)*name);
		else
			*p++ = *name;
	}
	return out;
}

static char *decode(struct arena *a, const char *file)
{
	char *out = arena_alloc(a, strlen(file) + 1), *p = out;

	for (; *file; file++) {
		unsigned c;

		if (*file == '%' && sscanf(file + 1, "%2x", &c) == 1 && file[1] && file[2]) {
			*p++ = (char)c;
			file += 2;
		} else {
			*p++ = *file;
		}
	}
	return out;
}

/* The id that a file of refs/ or sources/ holds; false where it holds none. */
static bool read_id(int dirfd, const char *file, char id[DIGEST_HEX + 1])
{
	auto_fd fd = path_open_beneath(dirfd, file, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0 || fd_read_full(fd, id, DIGEST_HEX) != DIGEST_HEX)
		return false;
	id[DIGEST_HEX] = '\0';
	return digest_is_hex(id);
}

int store_set_ref(struct store *s, const char *name, const char *id, struct err *e)
{
	struct arena a = { 0 };
	char *full = ref_normalise(&a, name, e);
	char line[DIGEST_HEX + 2];
	int r = -1;

	(void)snprintf(line, sizeof(line), "%s\n", id);
	if (full) {
		r = fd_replace_file(s->refs, encode(&a, full), line, strlen(line), 0600);
		if (r < 0)
			(void)err_set(e, errno, "store: name %s", full);
	}
	arena_done(&a);
	return r;
}

static DIR *open_list(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopendir(fd);
}

static int resolve_prefix(
	struct store *s, const char *prefix, char id[DIGEST_HEX + 1], struct err *e)
{
	auto_dir d = open_list(s->images);
	size_t n = strlen(prefix);
	struct dirent *entry;
	bool found = false;

	while (d && (entry = readdir(d))) {
		if (!digest_is_hex(entry->d_name) || strncmp(entry->d_name, prefix, n) != 0)
			continue;
		if (found)
			return err_set(e, ENOENT,
				"image %s: several images begin so: %.12s, %.12s ...", prefix, id,
				entry->d_name);
		memcpy(id, entry->d_name, DIGEST_HEX + 1);
		found = true;
	}
	return found ? 0 : err_set(e, ENOENT, "image %s", prefix);
}

int store_resolve(struct store *s, const char *name, char ret_id[DIGEST_HEX + 1], struct err *e)
{
	struct arena a = { 0 };
	struct err why;
	const char *full = ref_normalise(&a, name, &why);
	const char *hex = strncmp(name, "sha256:", 7) == 0 ? name + 7 : name;
	bool found = full && read_id(s->refs, encode(&a, full), ret_id) &&
		     faccessat(s->images, ret_id, F_OK, 0) == 0;

	arena_done(&a);
	if (found)
		return 0;
	if (strlen(hex) >= PREFIX_MIN && strlen(hex) <= DIGEST_HEX &&
		strspn(hex, "0123456789abcdef") == strlen(hex))
		return resolve_prefix(s, hex, ret_id, e);
	return err_set(e, ENOENT, "image %s", name);
}

/* Names that point at id, or all names where id is NULL; file names of refs/. */
static void list_refs(struct store *s, const char *id, struct arena *a, struct strv *ret)
{
	auto_dir d = open_list(s->refs);
	char other[DIGEST_HEX + 1];
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.' && read_id(s->refs, entry->d_name, other) &&
			strcmp(other, id) == 0)
			strv_add_copy(a, ret, entry->d_name);
}

int store_each(struct store *s, int (*fn)(const struct record *r, char *const *names, void *arg),
	void *arg, struct err *e)
{
	auto_dir d = open_list(s->images);
	struct dirent *entry;
	int r = 0;

	if (!d)
		return err_set(e, errno, "store: %s/images", s->path);
	while (r == 0 && (entry = readdir(d))) {
		struct arena a = { 0 };
		struct strv files = { 0 }, names = { 0 };
		struct record record;
		struct err why;

		if (!digest_is_hex(entry->d_name))
			continue;
		auto_fd dir =
			path_open_beneath(s->images, entry->d_name, O_RDONLY | O_DIRECTORY, 0);
		if (dir < 0 || record_read(dir, &record, &why) < 0)
			continue;
		list_refs(s, entry->d_name, &a, &files);
		for (size_t i = 0; i < files.n; i++)
			strv_add(&a, &names, decode(&a, files.v[i]));
		r = fn(&record, names.v, arg);
		arena_done(&a);
	}
	return r;
}

/* Out of images/ by one rename, then away: nobody sees half an image. */
static int remove_image(struct store *s, const char *id, struct err *e)
{
	struct staging g;
	int r = -1;
	auto_fd dir = path_open_beneath(s->images, id, O_RDONLY | O_DIRECTORY, 0);
	auto_fd lock = dir < 0 ? -1 : path_open_beneath(dir, "lock", O_RDWR, 0);

	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return err_set(e, 0, "image %.12s: in use", id);
	/* What is of other ids has to go while it can still be found here. */
	if (s->strip && dir >= 0 && s->strip(dir, e) < 0)
		return err_wrap(e, "image %.12s: remove", id);
	if (staging_new(&g, s->staging, "removed", e) == 0) {
		r = renameat(s->images, id, g.dir, id);
		if (r < 0 && errno != ENOENT)
			(void)err_set(e, errno, "image %.12s: remove", id);
		else
			r = 0;
	}
	fd_closep(&lock); /* NFS would keep the file, and what it is in */
	staging_done(&g);
	return r;
}

int store_remove(struct store *s, const char *name, struct err *e)
{
	struct arena a = { 0 };
	struct strv files = { 0 };
	struct err why;
	char id[DIGEST_HEX + 1];
	const char *full = ref_normalise(&a, name, &why);
	int r = store_resolve(s, name, id, e);

	if (r == 0) {
		list_refs(s, id, &a, &files);
		/* A name among several is taken off; the last one, or the id, takes the image with
		 * it. */
		if (full && files.n > 1 && faccessat(s->refs, encode(&a, full), F_OK, 0) == 0) {
			r = unlinkat(s->refs, encode(&a, full), 0);
			if (r < 0)
				(void)err_set(e, errno, "name %s", full);
		} else {
			r = remove_image(s, id, e);
			for (size_t i = 0; i < files.n && r == 0; i++)
				(void)unlinkat(s->refs, files.v[i], 0);
		}
	}
	arena_done(&a);
	return r;
}
