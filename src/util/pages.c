/*
 * pages: memory that is about to be touched.
 * Touches page tables only.
 *
 * A fault costs about half a microsecond on a machine of its own, and up to 25 in a virtual one
 * whose page tables are shadowed by its host; a page that is mapped by the way, a fraction of one.
 */
#include "util/pages.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Linux 5.14, madvise(2); musl 1.2.5 does not name them. */
#define PAGES_POPULATE_READ 22
#define PAGES_POPULATE_WRITE 23

#define PAGES_STACK (48u << 10)	      /* what `run` needs of it, rounded up */
#define PAGES_STACK_ABOVE (12u << 10) /* the frames of the callers, which a child writes to */

/* The linker's names: where the program begins, where what may be written does, and end(3). */
extern char __ehdr_start[], __init_array_start[], edata[], end[];

static void pages_populate(char *from, const char *to, int how)
{
	char *first = from - ((uintptr_t)from & ((uintptr_t)getpagesize() - 1));

	/* A saving that may fail: the faults do the same. */
	(void)madvise(first, (size_t)(to - first), how);
}

void pages_ready(void)
{
	const int saved = errno;
	char *here = __builtin_frame_address(0);

	pages_populate(__ehdr_start, __init_array_start, PAGES_POPULATE_READ);
	pages_populate(edata, end, PAGES_POPULATE_WRITE);
	pages_populate(here - PAGES_STACK, here + PAGES_STACK_ABOVE, PAGES_POPULATE_WRITE);
	errno = saved;
}
