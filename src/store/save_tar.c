/*
 * save_tar: writes the headers of a tar.
 * Touches only what put touches.
 *
 * libarchive's writer would add 20 KB to the binary, for one format in one place.
 */
#include "store/save_tar.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"

#define OCTAL_7 07777777ull	 /* the largest number in 8 bytes */
#define OCTAL_11 077777777777ull /* and in 12 */

/* POSIX.1-1988 (ustar) */
struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100],
		magic[8], user[32], group[32], major[8], minor[8], prefix[155], unused[12];
};

static void save_tar_octal(char *field, size_t size, uint64_t value)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%0*llo", (int)size - 1, (unsigned long long)value);
	memcpy(field, text, size - 1);
}

void save_tar_record(struct save_tar_records *r, const char *key, const void *value, size_t len)
{
	size_t rest = strlen(key) + len + 3, size = rest, digits;
	char head[32];

	/* "SIZE KEY=VALUE\n": the size counts its own digits. */
	do {
		digits = (size_t)snprintf(head, sizeof(head), "%zu", size);
		size = rest + digits;
	} while ((size_t)snprintf(head, sizeof(head), "%zu", size) != digits);
	if (!r->text || r->n + size > r->room) {
		r->room = 2 * (r->n + size);
		r->text = xrealloc(r->text, r->room);
	}
	r->n += (size_t)sprintf(r->text + r->n, "%zu %s=", size, key);
	memcpy(r->text + r->n, value, len);
	r->n += len;
	r->text[r->n++] = '\n';
}

static void save_tar_record_number(struct save_tar_records *r, const char *key, uint64_t value)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)value);

	save_tar_record(r, key, text, (size_t)n);
}

/* "-1.5" is a second and a half before 1970; the kernel has -2 and 500000000. */
static void save_tar_record_time(struct save_tar_records *r, const struct timespec *t)
{
	long long s = t->tv_sec;
	long ns = t->tv_nsec;
	char text[48];
	size_t n;

	if (s < 0 && ns) {
		s++;
		ns = 1000000000 - ns;
	}
	n = (size_t)snprintf(
		text, sizeof(text), "%s%lld.%09ld", t->tv_sec < 0 && s == 0 ? "-" : "", s, ns);
	while (text[n - 1] == '0')
		n--;
	n -= text[n - 1] == '.';
	save_tar_record(r, "mtime", text, n);
}

static bool save_tar_fits_time(const struct timespec *t)
{
	return t->tv_nsec == 0 && t->tv_sec >= 0 && (uint64_t)t->tv_sec <= OCTAL_11;
}

/* What does not fit in the fields of ustar. */
static void save_tar_add_records(struct save_tar_records *r, const struct save_tar_entry *n)
{
	const struct header *h = NULL;

	if (strlen(n->path) > sizeof(h->name))
		save_tar_record(r, "path", n->path, strlen(n->path));
	if (n->link && strlen(n->link) > sizeof(h->link))
		save_tar_record(r, "linkpath", n->link, strlen(n->link));
	if (n->size > OCTAL_11)
		save_tar_record_number(r, "size", n->size);
	if (n->uid > OCTAL_7)
		save_tar_record_number(r, "uid", n->uid);
	if (n->gid > OCTAL_7)
		save_tar_record_number(r, "gid", n->gid);
	if (!save_tar_fits_time(&n->mtime))
		save_tar_record_time(r, &n->mtime);
	if (n->n_records) {
		r->room = r->n + n->n_records;
		r->text = xrealloc(r->text, r->room);
		memcpy(r->text + r->n, n->records, n->n_records);
		r->n += n->n_records;
	}
}

static void save_tar_copy(char *field, size_t size, const char *text)
{
	size_t n = strlen(text);

	memcpy(field, text, n < size ? n : size);
}

static int save_tar_put_header(struct save_tar *t, const struct save_tar_entry *n, struct err *e)
{
	struct header h = { .type = n->type };
	unsigned sum = 0;

	save_tar_copy(h.name, sizeof(h.name), n->path);
	save_tar_copy(h.link, sizeof(h.link), n->link ? n->link : "");
	save_tar_octal(h.mode, sizeof(h.mode), n->mode & 07777);
	save_tar_octal(h.uid, sizeof(h.uid), n->uid > OCTAL_7 ? 0 : n->uid);
	save_tar_octal(h.gid, sizeof(h.gid), n->gid > OCTAL_7 ? 0 : n->gid);
	save_tar_octal(h.size, sizeof(h.size), n->size > OCTAL_11 ? 0 : n->size);
	save_tar_octal(h.mtime, sizeof(h.mtime),
		save_tar_fits_time(&n->mtime) ? (uint64_t)n->mtime.tv_sec : 0);
	save_tar_octal(h.major, sizeof(h.major), n->major & OCTAL_7);
	save_tar_octal(h.minor, sizeof(h.minor), n->minor & OCTAL_7);
	memcpy(h.magic, "ustar\00000", sizeof(h.magic));
	memset(h.sum, ' ', sizeof(h.sum));
	for (size_t i = 0; i < sizeof(h); i++)
		sum += ((const unsigned char *)&h)[i];
	save_tar_octal(h.sum, sizeof(h.sum) - 1, sum);
	return t->put(t, &h, sizeof(h), e);
}

int save_tar_header(struct save_tar *t, const struct save_tar_entry *n, struct err *e)
{
	struct save_tar_records r = { .text = NULL };
	struct save_tar_entry pax = { .type = 'x', .path = "PaxHeaders/0", .mode = 0644 };
	int status = 0;

	_Static_assert(sizeof(struct header) == SAVE_TAR_BLOCK, "a tar header is one block");
	save_tar_add_records(&r, n);
	pax.size = r.n;
	if (r.n && (save_tar_put_header(t, &pax, e) < 0 || t->put(t, r.text, r.n, e) < 0 ||
			   save_tar_pad(t, r.n, e) < 0))
		status = -1;
	free(r.text);
	return status < 0 ? -1 : save_tar_put_header(t, n, e);
}

int save_tar_pad(struct save_tar *t, uint64_t size, struct err *e)
{
	static const char zeros[SAVE_TAR_BLOCK];
	size_t n = (size_t)(-size % SAVE_TAR_BLOCK);

	return n ? t->put(t, zeros, n, e) : 0;
}

int save_tar_end(struct save_tar *t, struct err *e)
{
	static const char zeros[2 * SAVE_TAR_BLOCK];

	return t->put(t, zeros, sizeof(zeros), e);
}
