/*
 * arena: memory that is freed in one go.  Image and plan strings live in one each.
 * Out of memory ends the process with status 125 (docs/style.md).
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *head; /* zero-initialise before first use */
};

void arena_done(struct arena *a); /* frees all; the arena is empty and usable again; NULL is fine */

void *arena_alloc(struct arena *a, size_t size);    /* zeroed, aligned for any type */
char *arena_strdup(struct arena *a, const char *s); /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A growing NULL-terminated list of strings; v is NULL while empty, the strings are the arena's. */
struct strv {
	char **v;
	size_t n, room;
};

void strv_add(struct arena *a, struct strv *l, char *s); /* keeps the pointer */
void strv_add_copy(struct arena *a, struct strv *l, const char *s);

/* Plain allocations that end the process when memory is out; the caller frees. */
void *xmalloc(size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);

/*
 * Room for one element more than the n of size bytes that array p holds, which is NULL while n is 0
 * and has grown by this alone, an element at a time.
 */
void *xgrow(void *p, size_t n, size_t size);

_Noreturn void arena_out_of_memory(
	void); /* the message and status 125, for allocations by others */

#endif
