/*
 * fuse_overlayfs: the root by fuse-overlayfs(1) of the host, where the kernel mounts no overlay.
 *
 * sandbox mounts the file system, and the host's program only answers the kernel on a descriptor.
 * The program belongs to the sandbox's pid namespace, so that it ends with the run however that
 * ends, but not to its mount namespace.  In its own it sees what is written and, read-only, the
 * image and the host's programs and libraries.  It runs behind the default filter and has the
 * capabilities to change files: one more than a command has by default, so that the command cannot
 * trace it.
 */
#pragma once

#include <stdbool.h>

#include "util/err.h"
#include "util/proc.h"

#define FUSE_OVERLAYFS_PROGRAM PROC_SERVER

/* Find the host's program.  Returns an O_PATH descriptor, or -1 with errno. */
int fuse_overlayfs_find(void);

/* What the root is made of. */
struct fuse_overlayfs {
	int staging;  /* holds lower/, upper/, work/ and root/, as root.h says */
	int dev;      /* the host's device nodes */
	bool on_disk; /* upper/ and work/ are in disk/ */
	bool squash;  /* every file of the image is shown as root's */
};

/* Mount it at f->staging/root.  Returns a descriptor of its root, or -1 with e. */
int fuse_overlayfs_make(const struct fuse_overlayfs *f, struct err *e);
