/*
 * arena: blocks that are handed out piece by piece and freed together.
 * Touches the heap; ends the process if there is no memory.
 */
#include "util/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/err.h"

#define ARENA_BLOCK_SIZE 4096
#define XGROW_FIRST 16 /* elements */

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	alignas(max_align_t) char data[];
};

_Noreturn void arena_out_of_memory(void)
{
	static const char text[] =
		"sandbox: out of memory (the machine's, a cgroup's, or what ulimit -v or -d allows)\n";

	/* Not exit(3): its handlers may allocate, and the caller may be a forked child. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_SANDBOX);
	_exit(EXIT_SANDBOX);
}

#ifdef ARENA_WRAPS
/*
 * The linker sends all calls of malloc, calloc and realloc here first, also those of the libraries
 * (ld(1), --wrap): some libraries crash without memory, and one aborts with its own message.  Large
 * requests may fail: the libraries check those.
 */
#define ARENA_SURE_MAX (16u << 20)

void *__real_malloc(size_t size); /* NOLINT(bugprone-reserved-identifier): the linker's names */
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static void *arena_check(void *p, size_t size)
{
	if (!p && size > 0 && size <= ARENA_SURE_MAX)
		arena_out_of_memory();
	return p;
}

void *__wrap_malloc(size_t size)
{
	return arena_check(__real_malloc(size), size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	size_t all;

	return arena_check(
		__real_calloc(n, size), __builtin_mul_overflow(n, size, &all) ? SIZE_MAX : all);
}

void *__wrap_realloc(void *p, size_t size)
{
	return arena_check(__real_realloc(p, size), size);
}
#endif

void arena_done(struct arena *a)
{
	struct arena_block *b, *next;

	if (!a)
		return;
	for (b = a->head; b; b = next) {
		next = b->next;
		free(b);
	}
	a->head = NULL;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->head;
	size_t align = alignof(max_align_t), room;
	void *p;

	if (size > SIZE_MAX / 2)
		arena_out_of_memory();
	size = (size + align - 1) / align * align;
	if (!b || b->size - b->used < size) {
		room = size > ARENA_BLOCK_SIZE ? size : ARENA_BLOCK_SIZE;
		b = xmalloc(sizeof(*b) + room);
		b->size = room;
		b->used = 0;
		/* Keep the first block in front if it may still have room. */
		if (a->head && size > ARENA_BLOCK_SIZE / 2) {
			b->next = a->head->next;
			a->head->next = b;
		} else {
			b->next = a->head;
			a->head = b;
		}
	}
	p = b->data + b->used;
	b->used += size;
	memset(p, 0, size);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p;

	if (!s)
		return NULL;
	n = strnlen(s, n);
	p = arena_alloc(a, n + 1);
	memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		arena_out_of_memory();
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void strv_add(struct arena *a, struct strv *l, char *s)
{
	size_t room;
	char **v;

	if (l->n + 1 >= l->room) {
		room = l->room ? l->room * 2 : 8;
		if (room > SIZE_MAX / 2 / sizeof(*v))
			arena_out_of_memory();
		v = arena_alloc(a, room * sizeof(*v));
		if (l->n)
			memcpy(v, l->v, l->n * sizeof(*v));
		l->v = v;
		l->room = room;
	}
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void strv_add_copy(struct arena *a, struct strv *l, const char *s)
{
	strv_add(a, l, arena_strdup(a, s));
}

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		arena_out_of_memory();
	return p;
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		arena_out_of_memory();
	return p;
}

void *xgrow(void *p, size_t n, size_t size)
{
	size_t room = n ? 2 * n : XGROW_FIRST, bytes;

	if (n && (n < XGROW_FIRST || (n & (n - 1))))
		return p;
	if (__builtin_mul_overflow(room, size, &bytes))
		arena_out_of_memory();
	return xrealloc(p, bytes);
}

char *xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xmalloc(size), s, size);
}
