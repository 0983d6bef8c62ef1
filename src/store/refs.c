/*
 * refs: names of images, and finding images by them.
 * Touches refs/, reads images/.
 */
#include "store/refs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/ref.h"
#include "util/fd.h"
#include "util/path.h"

#define PREFIX_MIN 3 /* digits of an id that may stand for it */

/* '/' cannot be in the name of a file, and '%' marks what was changed. */
char *refs_encode(struct arena *a, const char *name)
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

char *refs_decode(struct arena *a, const char *file)
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

bool refs_read(int dirfd, const char *file, char id[DIGEST_HEX + 1])
{
	auto_fd fd = path_open_beneath(dirfd, file, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0 || fd_read_full(fd, id, DIGEST_HEX) != DIGEST_HEX)
		return false;
	id[DIGEST_HEX] = '\0';
	return digest_is_hex(id);
}

mode_t refs_mode(const struct store *s, const char *id)
{
	struct stat st;

	return 0600 | (fstatat(s->images, id, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : st.st_mode & 044);
}

int store_set_ref(struct store *s, const char *name, const char *id, struct err *e)
{
	struct arena a = { 0 };
	char *full = ref_normalise(&a, name, e);
	char line[DIGEST_HEX + 2];
	int r = -1;

	(void)snprintf(line, sizeof(line), "%s\n", id);
	if (full) {
		r = fd_replace_file(
			s->refs, refs_encode(&a, full), line, strlen(line), refs_mode(s, id));
		if (r < 0)
			(void)err_set(e, errno, "store: name %s", full);
	}
	arena_done(&a);
	return r;
}

DIR *refs_list(int dirfd)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopendir(fd);
}

/* Those of one store whose id begins so; id holds one that was found already, or is empty. */
static int resolve_prefix(
	const struct store *s, const char *prefix, char id[DIGEST_HEX + 1], struct err *e)
{
	auto_dir d = refs_list(s->images);
	size_t n = strlen(prefix);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		if (!digest_is_hex(entry->d_name) || strncmp(entry->d_name, prefix, n) != 0 ||
			strcmp(id, entry->d_name) == 0)
			continue;
		if (*id)
			return err_set(e, ENOENT,
				"image %s: several images begin so: %.12s, %.12s ...", prefix, id,
				entry->d_name);
		memcpy(id, entry->d_name, DIGEST_HEX + 1);
	}
	return 0;
}

/* The i-th store to be searched: the others come first. */
static const struct store *searched(const struct store *s, size_t i)
{
	return i < s->n_others ? &s->others[i] : s;
}

static int resolve(
	struct store *s, size_t first, const char *name, char id[DIGEST_HEX + 1], struct err *e)
{
	struct arena a = { 0 };
	struct err why;
	const char *full = ref_normalise(&a, name, &why);
	const char *file = full ? refs_encode(&a, full) : NULL;
	const char *hex = strncmp(name, "sha256:", 7) == 0 ? name + 7 : name;
	bool found = false;
	int r = 0;

	for (size_t i = first; file && !found && i <= s->n_others; i++)
		found = refs_read(searched(s, i)->refs, file, id) &&
			faccessat(searched(s, i)->images, id, F_OK, 0) == 0;
	arena_done(&a);
	if (found)
		return 0;
	*id = '\0';
	if (strlen(hex) >= PREFIX_MIN && strlen(hex) <= DIGEST_HEX &&
		strspn(hex, "0123456789abcdef") == strlen(hex))
		for (size_t i = first; r == 0 && i <= s->n_others; i++)
			r = resolve_prefix(searched(s, i), hex, id, e);
	return r < 0 || *id ? r : err_set(e, ENOENT, "image %s", name);
}

int store_resolve(struct store *s, const char *name, char ret_id[DIGEST_HEX + 1], struct err *e)
{
	return resolve(s, 0, name, ret_id, e);
}

int store_resolve_own(struct store *s, const char *name, char ret_id[DIGEST_HEX + 1], struct err *e)
{
	struct err why;

	if (resolve(s, s->n_others, name, ret_id, e) == 0)
		return 0;
	return resolve(s, 0, name, ret_id, &why) < 0
		       ? -1
		       : err_set(e, 0, "image %s: is in a store that is only read", name);
}

void refs_of(const struct store *s, const char *id, struct arena *a, struct strv *ret)
{
	auto_dir d = s->refs < 0 ? NULL : refs_list(s->refs);
	char other[DIGEST_HEX + 1];
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.' && refs_read(s->refs, entry->d_name, other) &&
			strcmp(other, id) == 0)
			strv_add_copy(a, ret, entry->d_name);
}
