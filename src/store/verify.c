/*
 * verify: compares the tree of an image with what was unpacked.
 * Reads the image's folder.
 */
#include "store/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unpack/contents.h"
#include "util/arena.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/sum.h"
#include "util/tree.h"

#define VERIFY_CONTENTS_MAX (2u << 30) /* bytes of `contents`: 10,000,000 entries of 200 */
#define VERIFY_STEP (1u << 20)

struct recorded {
	const char *path;
	struct content c;
	bool seen;
};

struct verify {
	const struct stored_image *image;
	struct recorded *recorded;
	size_t n;
	char *buf;
	void (*report)(const char *how, const char *path, const char *what);
	struct verify_stats *stats;
};

static int verify_by_path(const void *a, const void *b)
{
	return strcmp(((const struct recorded *)a)->path, ((const struct recorded *)b)->path);
}

/* See unpack/contents.h. */
static int verify_parse(struct recorded *r, const char *text)
{
	uint64_t field[4];
	const char *p = text + 2;
	char *end;

	if (!text[0] || text[1] != ' ')
		return -1;
	for (size_t i = 0; i < 4; i++) {
		field[i] = strtoull(p, &end, 16);
		if (end == p || *end != ' ')
			return -1;
		p = end + 1;
	}
	*r = (struct recorded){ .path = p,
		.c = { text[0], (mode_t)field[0], field[1], field[2], field[3] } };
	return 0;
}

static int verify_parse_all(struct verify *v, const char *text, size_t len, struct err *e)
{
	size_t n = 0;

	for (const char *s = text; s < text + len; s += strlen(s) + 1)
		n++;
	v->recorded = xmalloc((n + 1) * sizeof(*v->recorded));
	for (const char *s = text; s < text + len; s += strlen(s) + 1)
		if (verify_parse(&v->recorded[v->n++], s) < 0)
			return err_set(e, 0, "the record of its contents is damaged");
	if (v->n)
		qsort(v->recorded, v->n, sizeof(*v->recorded), verify_by_path);
	return 0;
}

static struct recorded *verify_find(const struct verify *v, const char *path)
{
	struct recorded key = { .path = path };

	return v->n ? bsearch(&key, v->recorded, v->n, sizeof(key), verify_by_path) : NULL;
}

static void verify_differs(struct verify *v, const char *how, const char *path, const char *what)
{
	v->stats->differ++;
	v->report(how, path, what);
}

/* import.c lets the owner open the root. */
static mode_t verify_mode(const struct tree_entry *w, mode_t mode)
{
	return *w->path ? mode : mode | 0500;
}

/* What differs, apart from contents, as text; "": nothing. */
static void verify_facts(const struct tree_entry *w, const struct content *was,
	const struct content *now, char *text, size_t size)
{
	size_t n = 0;

	text[0] = '\0';
	if (was->type != now->type) {
		(void)snprintf(text, size, "another type of file");
		return;
	}
	if (verify_mode(w, was->mode) != verify_mode(w, now->mode))
		n += (size_t)snprintf(text, size, "mode %04o, not %04o", (unsigned)now->mode,
			(unsigned)was->mode);
	if (was->type == 'f' && was->size != now->size)
		n += (size_t)snprintf(text + n, size - n, "%s%llu bytes, not %llu", n ? ", " : "",
			(unsigned long long)now->size, (unsigned long long)was->size);
	if (was->type == 'l' && was->sum != now->sum)
		n += (size_t)snprintf(text + n, size - n, "%starget", n ? ", " : "");
	if (was->time != now->time)
		(void)snprintf(text + n, size - n, "%stime of change", n ? ", " : "");
}

/* NULL if the contents are the same. */
static const char *verify_contents(
	struct verify *v, const struct tree_entry *w, const struct content *was)
{
	auto_fd fd = openat(w->dir, w->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	uint64_t sum;

	if (fd < 0 || sum_of_fd(fd, v->buf, VERIFY_STEP, &sum) < 0)
		return strerror(errno);
	v->stats->bytes += (uint64_t)w->st.st_size;
	return sum == was->sum ? NULL : "contents";
}

static int verify_entry(const struct tree_entry *w, void *arg, struct err *e)
{
	struct verify *v = arg;
	struct recorded *r = verify_find(v, w->path);
	const char *contents = NULL;
	struct content now;
	char text[256];

	v->stats->entries++;
	if (!r) {
		verify_differs(v, "extra", w->path, "");
		return 0;
	}
	r->seen = true;
	if (contents_of(&now, w->dir, w->name, &w->st, e) < 0)
		return -1;
	verify_facts(w, &r->c, &now, text, sizeof(text));
	if (now.type == 'f' && r->c.type == 'f' && r->c.size == now.size)
		contents = verify_contents(v, w, &r->c);
	if (contents)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			*text ? ", " : "", contents);
	if (*text)
		verify_differs(v, "changed", w->path, text);
	return 0;
}

static int verify_tree(struct verify *v, struct err *e)
{
	auto_fd fd = path_open_beneath(v->image->dir, "contents", O_RDONLY, 0);
	size_t len = 0;
	auto_free char *text = fd < 0 ? NULL : fd_read_all(fd, VERIFY_CONTENTS_MAX, &len);

	if (fd < 0 && errno == ENOENT) {
		(void)err_set(
			e, 0, "it has no record of its contents: an older sandbox unpacked it");
		return err_hint(e, "remove it with `sandbox rm`, then load it again");
	}
	if (!text)
		return err_set(e, errno, "the record of its contents");
	if (verify_parse_all(v, text, len, e) < 0 ||
		tree_walk(v->image->rootfs, verify_entry, v, e) < 0)
		return -1;
	for (size_t i = 0; i < v->n; i++)
		if (!v->recorded[i].seen)
			verify_differs(v, "missing", v->recorded[i].path, "");
	return 0;
}

/* The image's id is the digest of its config. */
static int verify_config(const struct stored_image *i, struct err *e)
{
	char hex[DIGEST_HEX + 1];
	size_t len = 0;
	auto_free char *text = stored_image_text(i, &len, e);

	if (!text)
		return -1;
	digest_of(text, len, hex);
	return strcmp(hex, i->record.id) == 0 ? 0 : err_set(e, 0, "config.json is damaged");
}

int verify_stored(const struct stored_image *i,
	void (*report)(const char *how, const char *path, const char *what),
	struct verify_stats *ret, struct err *e)
{
	struct verify v = { .image = i, .report = report, .stats = ret };
	int r;

	*ret = (struct verify_stats){ 0 };
	v.buf = xmalloc(VERIFY_STEP);
	r = verify_config(i, e);
	if (r == 0)
		r = verify_tree(&v, e);
	free(v.buf);
	free(v.recorded);
	return r < 0 ? err_wrap(e, "image %.12s", i->record.id) : 0;
}
