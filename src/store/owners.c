/*
 * owners: the record of the owners in an image.
 * Reads that file; touches memory.
 */
#include "store/owners.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/path.h"

#define OWNERS_TEXT_MAX (1u << 30) /* bytes: 10,000,000 entries of 100 */

static int owners_compare(const void *a, const void *b)
{
	return strcmp(((const struct owner *)a)->path, ((const struct owner *)b)->path);
}

int owners_read(struct owners *o, int image, struct err *e)
{
	size_t len = 0;

	*o = OWNERS_NONE;
	o->text = path_read_beneath(image, "owners", OWNERS_TEXT_MAX, &len);
	if (!o->text && errno == ENOENT)
		return 0; /* everything belongs to root */
	if (!o->text)
		return err_set(e, errno, "the image's record of owners");
	for (const char *s = o->text; s < o->text + len; s += strlen(s) + 1)
		o->n++;
	o->list = xmalloc((o->n + 1) * sizeof(*o->list));
	o->n = 0;
	for (const char *s = o->text; s < o->text + len; s += strlen(s) + 1) {
		struct owner *w = &o->list[o->n++];
		int at = 0;

		if (sscanf(s, "%u %u %c %u %u %n", &w->uid, &w->gid, &w->device, &w->major,
			    &w->minor, &at) < 5 ||
			!at)
			return err_set(e, 0, "the image's record of owners is damaged");
		w->path = s + at;
	}
	qsort(o->list, o->n, sizeof(*o->list), owners_compare);
	return 0;
}

void owners_done(struct owners *o)
{
	free(o->list);
	free(o->text);
	*o = OWNERS_NONE;
}

size_t owners_devices(const struct owners *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n; i++)
		n += o->list[i].device != '-';
	return n;
}

struct owner owners_of(const struct owners *o, const char *path)
{
	struct owner key = { .path = path, .device = '-' };
	const struct owner *found =
		o->n ? bsearch(&key, o->list, o->n, sizeof(key), owners_compare) : NULL;

	return found ? *found : key;
}
