/*
 * staging: folders in which something is made, and locks that the makers hold.
 */
#ifndef STORE_STAGING_H
#define STORE_STAGING_H

#include <signal.h>

#include "util/err.h"

struct staging {
	int parent;    /* borrowed: where the folder is */
	int dir, lock; /* the folder and its lock file, which says who made it */
	char name[48];
};

/* A new folder below parent, mode 0700.  prefix goes into its name.  Returns 0, or -1 with e;
 * staging_done in both cases. */
int staging_new(struct staging *g, int parent, const char *prefix, struct err *e);

/* Removes the folder, unless it was forgotten. */
void staging_done(struct staging *g);

/* Before the folder is renamed to its place: its lock becomes the shared one of a user.  After that
 * it is forgotten. */
void staging_share(struct staging *g);
void staging_forget(struct staging *g);

/*
 * Remove what dead processes left below parent.  Where parent is not the store's own, only folders
 * whose names begin with prefix, and which have a lock file, are looked at; the prefix is "" for
 * the store's.
 */
void staging_sweep(int parent, const char *prefix);

/* The same for a few of them only, so that a start takes no longer where many live processes have
 * one; the others are left to later starts. */
void staging_sweep_few(int parent, const char *prefix);

/* Call fn for each folder below parent, the store's, that staging_sweep would remove. */
void staging_leftovers(int parent, void (*fn)(const char *name, void *arg), void *arg);

/* Remove files that processes which died while they wrote them left in dirfd. */
void staging_sweep_files(int dirfd);

/*
 * Take the lock KEY, waiting while another process has it (told once).  On a file system without
 * locks a file with the holder's name takes its part (holder.h).  It only saves work: the rename
 * that ends an import decides.  Returns a descriptor for staging_unlock, and for holder_beat now
 * and then meanwhile, or -1 with e (EINTR where *stop is set).
 */
int staging_lock(int parent, const char *key, const volatile sig_atomic_t *stop, struct err *e);
void staging_unlock(int parent, const char *key, int fd);

/*
 * What an NFS client remembers of the names in a directory may be half a minute old: a folder may
 * seem to be missing, or an older one of its name to be there still.  A change of its own makes it
 * ask the server again.
 */
void staging_look_anew(int dirfd);

#endif
