/*
 * ld_cache: glibc's /etc/ld.so.cache, in which the loader finds libraries by name, ldconfig(8).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"

#define LD_CACHE_MAX (4u << 20) /* bytes */

struct ld_entry {
	const char *name, *path;
	uint32_t flags; /* which programs can use it; ld_cache_flags */
	size_t place;	/* ld_cache.c's own */
};

struct ld_cache {
	struct ld_entry *v; /* the caller frees it */
	size_t n;
};

/* The flags of a library for a machine (EM_*, 64 bits or not); 0 if they are not known. */
uint32_t ld_cache_flags(unsigned machine, int wide);

/* Compare names as the loader does: numbers in them by their values. */
int ld_cache_compare(const char *a, const char *b);

/* Add an entry; strings are the caller's. */
void ld_cache_add(struct ld_cache *c, const char *name, const char *path, uint32_t flags);

/*
 * Add what the text of a cache says, which may be anything: what cannot be read adds nothing.  Entries for
 * special processors are left out, since there are others of their names.  Strings are a's, LD_CACHE_MAX bytes
 * at most.
 */
void ld_cache_parse(struct ld_cache *c, const char *text, size_t len, struct arena *a);

/* The text of a cache, malloc'd.  Of entries of one name, those that were added first come first. */
char *ld_cache_text(struct ld_cache *c, size_t *ret_len);
