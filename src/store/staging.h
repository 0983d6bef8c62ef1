/*
 * staging: unfinished folders, and the locks of the processes that work in them.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "util/err.h"

#define STAGING_NAME_SIZE 48
#define STAGING_LOCK "lock" /* the lock file in a folder */

struct staging {
	int parent;    /* borrowed: the folder above */
	int dir, lock; /* the folder, and its lock file, which names the machine */
	char name[STAGING_NAME_SIZE];
};

/* Make a folder below parent, mode 0700, whose name begins with prefix.  Returns 0, or -1 with e;
 * staging_done in both cases. */
int staging_new(struct staging *g, int parent, const char *prefix, struct err *e);

/* Remove the folder, unless it was forgotten. */
void staging_done(struct staging *g);

/* Call the first before the folder is renamed to its place: its lock becomes a shared one.  Call the
 * second after that. */
void staging_share(struct staging *g);
void staging_forget(struct staging *g);

/*
 * Move the folder name of from into parent, the store's staging/, and remove it there.  The rename
 * needs no space: it also works on a full disk.  *lock, its lock file or -1, is kept until all else
 * is removed.  Returns 0, or -1 with errno.
 */
int staging_take_away(int parent, int from, const char *name, int *lock);

/*
 * Remove what dead processes left below parent.  For the store's own staging/, prefix is "".  In
 * another folder, only folders with a lock file whose names begin with prefix are considered.
 */
void staging_sweep(int parent, const char *prefix);

/* The same for a few of them only, so that a start takes no longer when many processes have one;
 * later starts look at the others. */
void staging_sweep_few(int parent, const char *prefix);

/* Call fn for each folder below parent, the store's staging/, that staging_sweep would remove. */
void staging_leftovers(int parent, void (*fn)(const char *name, void *arg), void *arg);

/* Remove one of them.  Returns 0, or -1 with errno. */
int staging_remove_leftover(int parent, const char *name);

/* Remove temporary files that dead processes left in dirfd. */
void staging_sweep_files(int dirfd);

/*
 * Take the lock KEY.  Waits while another process has it, and says so once.  On a file system
 * without locks, holder.h takes its place.  The lock only saves work: the rename that ends an import
 * decides.  Returns a descriptor for staging_unlock and holder_beat, or -1 with e (EINTR: *stop was
 * set).
 */
int staging_lock(int parent, const char *key, const volatile sig_atomic_t *stop, struct err *e);
void staging_unlock(int parent, const char *key, int fd);

/*
 * Of the many processes of a user on this machine that have the same to tell, one line is enough: is this
 * process the first, until it closes *ret_fd?  *ret_fd may be -1.
 */
bool staging_tells_first(const char *key, int *ret_fd);

/*
 * An NFS client may remember the names in a directory for half a minute: a new folder seems to be
 * missing, or an old one of its name still there.  A change by this client makes it ask the server
 * again.
 */
void staging_look_anew(int dirfd);
