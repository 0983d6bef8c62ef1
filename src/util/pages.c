/*
 * pages: maps memory before it is used. Touches page tables only.
 *
 * A page fault costs about half a microsecond on hardware, and up to 25 in a virtual machine with
 * shadow page tables.  A page that is mapped together with others costs a fraction of that.
 */
#include "util/pages.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Linux 5.14, madvise(2); musl 1.2.5 does not name them. */
#define PAGES_POPULATE_READ 22
#define PAGES_POPULATE_WRITE 23

#define PAGES_STACK (48u << 10)	      /* what `run` uses, rounded up */
#define PAGES_STACK_ABOVE (12u << 10) /* the callers' frames, which a child writes to */

/* Names of the linker: the beginning of the program and of its writable part, and end(3). */
extern char __ehdr_start[], __init_array_start[], edata[], end[];

static void pages_populate(char *from, const char *to, int how)
{
	char *first = from - ((uintptr_t)from & ((uintptr_t)getpagesize() - 1));

	/* If this fails, page faults map the pages. */
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
