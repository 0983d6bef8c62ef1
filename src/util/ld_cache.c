/*
 * ld_cache: glibc's ld.so.cache: a head, entries that are sorted by name from the last to the first, and
 * strings.  Since glibc 2.32 the newer form of it stands alone; before, it came behind the older one.  Every
 * glibc since 2.2 reads the newer form alone.
 * Touches memory only.
 */
#include "util/ld_cache.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define LD_CACHE_OLD "ld.so-1.7.0"
#define LD_CACHE_NEW "glibc-ld.so.cache1.1"
#define LD_CACHE_LIBC6 3u  /* libraries of glibc 2 */
#define LD_CACHE_LITTLE 2u /* little-endian */
#define LD_CACHE_ENTRIES 65536
#define LD_CACHE_STRING 4096 /* bytes of a path, PATH_MAX */

struct ld_head {
	char magic[20];
	uint32_t n, strings;
	uint8_t flags, pad[3];
	uint32_t extension, unused[3];
};

struct ld_line {
	uint32_t flags, name, path, os;
	uint64_t hwcap; /* not 0: for special processors */
};

struct ld_old_head {
	char magic[12];
	uint32_t n;
};

#define LD_OLD_LINE 12 /* bytes */

uint32_t ld_cache_flags(unsigned machine, int wide)
{
	switch (machine) {
	case EM_386:
		return LD_CACHE_LIBC6;
	case EM_X86_64:
		return LD_CACHE_LIBC6 | (wide ? 0x300 : 0x800);
	case EM_AARCH64:
		return LD_CACHE_LIBC6 | 0xa00;
	case EM_ARM:
		return LD_CACHE_LIBC6 | 0x900;
	case EM_RISCV:
		return LD_CACHE_LIBC6 | 0x1000;
	case EM_PPC64:
		return LD_CACHE_LIBC6 | 0x500;
	default:
		return 0;
	}
}

static uint64_t ld_number(const char **s)
{
	uint64_t n = 0;

	for (; **s >= '0' && **s <= '9'; (*s)++)
		n = n * 10 + (uint64_t)(**s - '0');
	return n;
}

int ld_cache_compare(const char *a, const char *b)
{
	while (*a) {
		const int digit_a = *a >= '0' && *a <= '9', digit_b = *b >= '0' && *b <= '9';

		if (digit_a && digit_b) {
			const uint64_t n = ld_number(&a), m = ld_number(&b);

			if (n != m)
				return n < m ? -1 : 1;
		} else if (digit_a != digit_b) {
			return digit_a - digit_b;
		} else if (*a != *b) {
			break;
		} else {
			a++;
			b++;
		}
	}
	return (unsigned char)*a - (unsigned char)*b;
}

void ld_cache_add(struct ld_cache *c, const char *name, const char *path, uint32_t flags)
{
	c->v = xgrow(c->v, c->n, sizeof(*c->v));
	c->v[c->n] = (struct ld_entry){ name, path, flags, c->n };
	c->n++;
}

/* Where the newer form begins; len: nowhere. */
static size_t ld_begin(const char *text, size_t len)
{
	struct ld_old_head old;
	size_t at = 0;

	if (len >= sizeof(old) && memcmp(text, LD_CACHE_OLD, strlen(LD_CACHE_OLD)) == 0) {
		memcpy(&old, text, sizeof(old));
		if (old.n > LD_CACHE_ENTRIES)
			return len;
		at = (sizeof(old) + old.n * LD_OLD_LINE + 7) & ~(size_t)7;
	}
	return at + sizeof(struct ld_head) <= len &&
			       memcmp(text + at, LD_CACHE_NEW, strlen(LD_CACHE_NEW)) == 0
		       ? at
		       : len;
}

static const char *ld_string(const char *text, size_t len, uint32_t at)
{
	const size_t left = at < len ? len - at : 0;

	return memchr(text + at, '\0', left < LD_CACHE_STRING ? left : LD_CACHE_STRING) ? text + at
											: NULL;
}

void ld_cache_parse(struct ld_cache *c, const char *text, size_t len, struct arena *a)
{
	const size_t begin = ld_begin(text, len);
	struct ld_head head;
	struct ld_line line;
	size_t size =
		0; /* entries may share strings, and the whole would be longer than any text */

	if (begin == len)
		return;
	text += begin;
	len -= begin;
	memcpy(&head, text, sizeof(head));
	for (size_t i = 0; i < head.n && i < LD_CACHE_ENTRIES; i++) {
		const size_t at = sizeof(head) + i * sizeof(line);
		const char *name, *path;

		if (at + sizeof(line) > len)
			return;
		memcpy(&line, text + at, sizeof(line));
		name = ld_string(text, len, line.name);
		path = ld_string(text, len, line.path);
		if (!name || !path || line.hwcap)
			continue;
		size += strlen(name) + strlen(path);
		if (size > LD_CACHE_MAX)
			return;
		ld_cache_add(c, arena_strdup(a, name), arena_strdup(a, path), line.flags);
	}
}

/* From the last to the first; equal ones as they are. */
static int ld_order(const void *a, const void *b)
{
	const struct ld_entry *l = a, *r = b;
	const int way = ld_cache_compare(r->name, l->name);

	return way ? way : l->place < r->place ? -1 : 1;
}

static uint32_t ld_put_string(char *text, size_t *at, const char *s)
{
	const uint32_t start = (uint32_t)*at;
	const size_t n = strlen(s) + 1;

	memcpy(text + *at, s, n);
	*at += n;
	return start;
}

char *ld_cache_text(struct ld_cache *c, size_t *ret_len)
{
	size_t at = sizeof(struct ld_head) + c->n * sizeof(struct ld_line);
	struct ld_head head = { .n = (uint32_t)c->n, .flags = LD_CACHE_LITTLE };
	char *text;

	*ret_len = at;
	for (size_t i = 0; i < c->n; i++)
		*ret_len += strlen(c->v[i].name) + strlen(c->v[i].path) + 2;
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), ld_order);
	text = xmalloc(*ret_len);
	head.strings = (uint32_t)(*ret_len - at);
	memcpy(head.magic, LD_CACHE_NEW, sizeof(head.magic));
	memcpy(text, &head, sizeof(head));
	for (size_t i = 0; i < c->n; i++) {
		struct ld_line line = { .flags = c->v[i].flags };

		line.name = ld_put_string(text, &at, c->v[i].name);
		line.path = ld_put_string(text, &at, c->v[i].path);
		memcpy(text + sizeof(head) + i * sizeof(line), &line, sizeof(line));
	}
	return text;
}
