/*
 * tags: which credentials a thread believes to have.
 * Touches the timer slack of threads.
 *
 * The supervisor hears of changes of ids, but not of forks, and a child may have outlived its parent
 * when it asks for the first time.  So the kernel itself hands the answer down.  A thread's timer slack,
 * in nanoseconds, is copied by fork and clone and kept by exec, prctl(2), and another process may set
 * it, proc(5), since Linux 4.20 one that has CAP_SYS_NICE over the thread's user namespace alone.  The
 * usual slack is 50,000; one that is up to TAGS_MAX higher says which of the known credentials the
 * thread has.  Any other means that it has never changed them.  No thread needs a record here.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "emulate/creds.h"

#define TAGS_BASE 50000u    /* ns, the kernel's default */
#define TAGS_MAX 4096u	    /* credentials that differ */
#define TAGS_BYTES 4194304u /* of their groups */

struct tags {
	struct creds *known[TAGS_MAX]; /* NULL: free */
	size_t bytes;
};

void tags_done(struct tags *t);

/* Open a thread's slack: proc is a procfs.  Returns a descriptor, or -1 with errno. */
int tags_open(int proc, pid_t tid);

/* The tag of the thread that fd is open for; 0: it has never changed its credentials, or fd is -1. */
unsigned tags_get(int fd);

/* The credentials of a tag; NULL: there are none.  They stay as they are until tags_add. */
const struct creds *tags_creds(const struct tags *t, unsigned tag);

/* Give the thread this tag.  Returns 0, or -1 with errno. */
int tags_set(int fd, unsigned tag);

/*
 * The tag for these credentials, which are copied where they are new.  If there is no room, tags
 * that no thread of proc has are taken back.  Returns 0 where all are in use.
 */
unsigned tags_add(struct tags *t, int proc, const struct creds *c);
