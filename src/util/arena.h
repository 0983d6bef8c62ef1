/*
 * arena: memory that is freed in one go.  An image and a plan each keep their strings in one.
 * Out of memory ends the process with status 125 (docs/style.md).
 */
#pragma once

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

/* A growing NULL-terminated list of strings.  v is NULL while it is empty.  The arena owns the
 * strings. */
struct strv {
	char **v;
	size_t n, room;
};

void strv_add(struct arena *a, struct strv *l, char *s); /* keeps the pointer */
void strv_add_copy(struct arena *a, struct strv *l, const char *s);

/* Plain allocations that end the process if there is no memory.  The caller frees them. */
void *xmalloc(size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);

/*
 * Make room for one more element in array p, which holds n elements of size bytes.  p is NULL while
 * n is 0.  Only this function may grow it, one element at a time.
 */
void *xgrow(void *p, size_t n, size_t size);

/* Print the message and end with status 125, for allocations that others make. */
_Noreturn void arena_out_of_memory(void);
