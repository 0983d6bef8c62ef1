/*
 * refs: names of images; finds images by name or id.
 * Touches refs/, reads images/.
 *
 * A name is set, or looked at and removed, while refs/ is locked; on NFS that holds on one node.
 */
#include "store/refs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"

#define REFS_PREFIX_MIN 3 /* fewest digits that may stand for an id */
#define REFS_MANIFEST_MAX (4u << 20)
#define REFS_SEVERAL_MAX 300 /* bytes of names in a message */

/* A file's name cannot have '/', and '%' is the escape. */
static char *refs_encode(struct arena *a, const char *name)
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

int refs_write(const struct store *s, int dirfd, const char *file, const char *id)
{
	char line[DIGEST_HEX + 2];
	int n = snprintf(line, sizeof(line), "%s\n", id);
	struct stat st;
	mode_t mode = fstatat(s->images, id, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : st.st_mode & 044;

	return fd_replace_file(dirfd, file, line, (size_t)n, 0600 | mode);
}

void refs_forget(struct refs *r)
{
	free(r->list);
	arena_done(&r->arena);
	*r = (struct refs){ .dir = r->dir };
}

int refs_set(struct store *s, const char *name, const char *id, struct err *e)
{
	struct arena a = { 0 };
	char *full = ref_normalise(&a, name, e), *file, old[DIGEST_HEX + 1];
	int r = -1;

	if (full) {
		file = refs_encode(&a, full);
		(void)flock(s->refs.dir, LOCK_EX);
		r = !refs_read(s->refs.dir, file, old) || strcmp(old, id) != 0;
		if (r && refs_write(s, s->refs.dir, file, id) < 0)
			r = err_set(e, errno, "store %s: name %s", s->path, full);
		(void)flock(s->refs.dir, LOCK_UN);
	}
	arena_done(&a);
	refs_forget(&s->refs);
	return r;
}

static void refs_list(struct refs *r)
{
	const char *file;

	if (r->listed)
		return;
	r->listed = true;

	auto_names d;
	(void)names_open(&d, r->dir);
	while ((file = names_next(&d))) {
		if (file[0] == '.')
			continue;
		r->list = xgrow(r->list, r->n, sizeof(*r->list));
		r->list[r->n++] = (struct ref){ .file = arena_strdup(&r->arena, file),
			.name = refs_decode(&r->arena, file) };
	}
}

static int refs_compare(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;
	int by_id = strcmp(x->id, y->id);

	return by_id ? by_id : strcmp(x->name, y->name);
}

size_t refs_of(struct store *s, const char *id, struct ref **ret)
{
	struct refs *r = &s->refs;
	size_t low = 0, high, n = 0;

	refs_list(r);
	if (!r->read) {
		for (size_t i = 0; i < r->n; i++)
			if (!refs_read(r->dir, r->list[i].file, r->list[i].id))
				r->list[i].id[0] = '\0';
		if (r->n)
			qsort(r->list, r->n, sizeof(*r->list), refs_compare);
		r->read = true;
	}
	for (high = r->n; low < high;) {
		size_t middle = (low + high) / 2;

		if (strcmp(r->list[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < r->n && strcmp(r->list[low + n].id, id) == 0)
		n++;
	*ret = r->list + low;
	return n;
}

int refs_remove(struct store *s, struct ref *r)
{
	char id[DIGEST_HEX + 1];
	int status = 0;

	(void)flock(s->refs.dir, LOCK_EX);
	/* Meanwhile it may have got another image. */
	if (r->file && refs_read(s->refs.dir, r->file, id) && strcmp(id, r->id) == 0)
		status = unlinkat(s->refs.dir, r->file, 0);
	(void)flock(s->refs.dir, LOCK_UN);
	r->file = NULL;
	return status;
}

int refs_remove_dead(struct store *s, int dirfd, const char *file, bool look)
{
	char id[DIGEST_HEX + 1];
	int dead;

	(void)flock(s->refs.dir, LOCK_EX);
	dead = !refs_read(dirfd, file, id) || !path_is_there(s->images, id);
	if (dead && !look && unlinkat(dirfd, file, 0) < 0 && errno != ENOENT)
		dead = -1;
	(void)flock(s->refs.dir, LOCK_UN);
	return dead;
}

void refs_remove_image(struct store *s, const char *id)
{
	struct ref *r;

	for (size_t n = refs_of(s, id, &r); n > 0; n--)
		(void)refs_remove(s, r++);
	for (size_t i = 0; i < s->refs.ids.n; i++)
		if (strcmp(s->refs.ids.v[i], id) == 0)
			s->refs.ids.v[i][0] = '\0';
}

static bool refs_has_image(const struct store *s, const char *id)
{
	return faccessat(s->images, id, F_OK, 0) == 0;
}

static bool refs_by_name(struct store *s, size_t first, const char *name, struct refs_found *ret)
{
	struct arena a = { 0 };
	struct err why;
	const char *full = ref_normalise(&a, name, &why);
	const char *file = full ? refs_encode(&a, full) : NULL;
	bool found = false;

	for (size_t i = first; file && !found && i <= s->n_others; i++) {
		const struct store *o = store_searched(s, i);

		found = refs_read(o->refs.dir, file, ret->id) && refs_has_image(o, ret->id);
	}
	(void)snprintf(ret->name, sizeof(ret->name), "%s", found ? full : "");
	arena_done(&a);
	return found;
}

static void refs_list_ids(struct store *s)
{
	struct refs *r = &s->refs;
	const char *name;

	if (r->ids_listed)
		return;
	r->ids_listed = true;

	auto_names d;
	(void)names_open(&d, s->images);
	while ((name = names_next(&d)))
		if (digest_is_hex(name))
			strv_add_copy(&r->arena, &r->ids, name);
}

/* "NAME@sha256:DIGEST": registries name an image by the digest of its manifest, which the store keeps as it was. */
static void refs_by_manifest(struct store *s, const char *digest, char id[DIGEST_HEX + 1])
{
	char path[DIGEST_HEX + sizeof("/manifest.json")], hex[DIGEST_HEX + 1];
	size_t len = 0;

	refs_list_ids(s);
	for (size_t i = 0; i < s->refs.ids.n && !*id; i++) {
		(void)snprintf(path, sizeof(path), "%s/manifest.json", s->refs.ids.v[i]);

		auto_fd fd = openat(s->images, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, REFS_MANIFEST_MAX, &len);

		digest_of(text ? text : "", text ? len : 0, hex);
		if (strcmp(hex, digest) == 0)
			memcpy(id, s->refs.ids.v[i], DIGEST_HEX + 1);
	}
}

/* Look in one store for ids that begin so.  id holds one that was found before, or is empty. */
static int refs_by_id(struct store *s, const char *digits, char id[DIGEST_HEX + 1], struct err *e)
{
	const size_t n = strlen(digits);
	const struct refs *r = &s->refs;

	if (n == DIGEST_HEX) {
		if (refs_has_image(s, digits))
			memcpy(id, digits, n + 1);
		else if (!*id)
			refs_by_manifest(s, digits, id);
		return 0;
	}
	refs_list_ids(s);
	for (size_t i = 0; i < r->ids.n; i++) {
		if (strncmp(r->ids.v[i], digits, n) != 0 || strcmp(r->ids.v[i], id) == 0)
			continue;
		if (*id)
			return err_set(e, 0,
				"image %s: several ids begin like this: %.12s, %.12s ...", digits,
				id, r->ids.v[i]);
		memcpy(id, r->ids.v[i], DIGEST_HEX + 1);
	}
	return 0;
}

/* Look in one store for names that end so.  *several gets them all if there is more than one. */
static void refs_by_end(
	struct store *s, const char *end, struct refs_found *ret, struct arena *a, char **several)
{
	char id[DIGEST_HEX + 1];

	refs_list(&s->refs);
	for (size_t i = 0; i < s->refs.n; i++) {
		const struct ref *r = &s->refs.list[i];

		if (!r->file || strcmp(r->name, ret->name) == 0 ||
			!ref_matches_short(r->name, end) || !refs_read(s->refs.dir, r->file, id) ||
			!refs_has_image(s, id))
			continue;
		if (!*ret->name) {
			memcpy(ret->id, id, sizeof(id));
			(void)snprintf(ret->name, sizeof(ret->name), "%s", r->name);
		} else if (!*several || strlen(*several) < REFS_SEVERAL_MAX) {
			*several =
				arena_printf(a, "%s, %s", *several ? *several : ret->name, r->name);
		}
	}
}

static int refs_search(
	struct store *s, size_t first, const char *name, struct refs_found *ret, struct err *e)
{
	const char *digest = strstr(name, "sha256:"); /* alone, or NAME@sha256:DIGEST */
	const char *digits = digest && (digest == name || digest[-1] == '@') ? digest + 7 : name;
	const size_t n = strlen(digits);
	struct arena a = { 0 };
	char *several = NULL;
	int r = 0;

	*ret = (struct refs_found){ .id = "" };
	if (refs_by_name(s, first, name, ret))
		return 0;
	ret->id[0] = '\0';
	if (n >= REFS_PREFIX_MIN && n <= DIGEST_HEX && strspn(digits, "0123456789abcdef") == n)
		for (size_t i = first; r == 0 && i <= s->n_others; i++)
			r = refs_by_id(store_searched(s, i), digits, ret->id, e);
	for (size_t i = first; r == 0 && !*ret->id && i <= s->n_others; i++)
		refs_by_end(store_searched(s, i), name, ret, &a, &several);
	if (several)
		r = err_set(e, 0, "image %s: several names end like this: %s", name, several);
	else if (r == 0 && !*ret->id) {
		r = err_set(e, 0, "image %s: not in the store %s", name, s->path);
		e->code = ENOENT;
	}
	arena_done(&a);
	return r;
}

int refs_resolve(struct store *s, const char *name, struct refs_found *ret, struct err *e)
{
	return refs_search(s, 0, name, ret, e);
}

int refs_resolve_own(struct store *s, const char *name, struct refs_found *ret, struct err *e)
{
	struct err why;

	if (refs_search(s, s->n_others, name, ret, e) == 0)
		return 0;
	return !s->n_others || refs_search(s, 0, name, ret, &why) < 0
		       ? -1
		       : err_set(e, 0, "image %s: is in a store that is only read", name);
}
