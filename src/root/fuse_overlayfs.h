/*
 * fuse_overlayfs: the root by fuse-overlayfs(1) of the host, where the kernel mounts no overlay.
 *
 * The file system is mounted here, and the host's program only answers the kernel on a descriptor.
 * It is a process of the sandbox's pid namespace, so that it ends with the run however that ends,
 * but not of its mount namespace: in its own it has, read-only, the image and the host's programs
 * and libraries, and what is written.  It is behind the default filter and has the capabilities to
 * change files, one more than a command has by default, so that this one cannot trace it.
 */
#ifndef ROOT_FUSE_OVERLAYFS_H
#define ROOT_FUSE_OVERLAYFS_H

#include <stdbool.h>

#include "util/err.h"
#include "util/proc.h"

#define FUSE_OVERLAYFS_PROGRAM PROC_SERVER

/* The host's program, in PATH or where it usually is: a batch job's PATH may lack that.  Returns an
 * O_PATH descriptor, or -1 with errno. */
int fuse_overlayfs_find(void);

/* What it is made of. */
struct fuse_overlayfs {
	int staging;  /* holds lower/, upper/, work/ and root/, as root.h says */
	int dev;      /* the host's device nodes */
	bool on_disk; /* upper/ and work/ are in disk/ */
	bool squash;  /* every file of the image is shown as root's */
};

/* Mount it at f->staging/root.  Returns a descriptor of its root, or -1 with e. */
int fuse_overlayfs_make(const struct fuse_overlayfs *f, struct err *e);

#endif
