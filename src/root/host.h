/*
 * host: what a sandbox takes from the host: the unpacked image, a procfs and device nodes.
 * An initramfs may lack the last two: root gets private ones.
 */
#pragma once

#include <stdbool.h>

#include "util/err.h"

/*
 * init takes dir along into its mount namespace as the working directory.  Usually that is the
 * image, and devices come from /dev.  If made, it is a tmpfs with lower/ (the image), dev/ and
 * proc/.
 */
struct host {
	int dir;
	int proc; /* a procfs, checked (O_PATH) */
	bool made;
};

/*
 * Look at the host, before any namespace.  Where /proc or /dev/null is missing, root gets a mount
 * namespace of its own with both; the host's stays as it is.  Returns 0, or -1 with e.  h->proc is
 * the caller's to close; rootfs_fd is borrowed.
 */
int host_open(struct host *h, int rootfs_fd, struct err *e);

/*
 * In the new mount namespace, with h->dir as working directory: open the image, or the directory of
 * device nodes (O_PATH).  The caller closes the descriptor; -1 with errno.
 */
int host_open_image(const struct host *h);
int host_open_dev(const struct host *h);
