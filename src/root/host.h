/*
 * host: what the runtime takes from the host: the unpacked image, a procfs and device nodes.
 * An initramfs may have neither of the latter yet; for root they are then made in a private place.
 */
#ifndef ROOT_HOST_H
#define ROOT_HOST_H

#include <stdbool.h>

#include "util/err.h"

/*
 * dir is what init takes along into its mount namespace as the working directory.  Normally the
 * image itself, and the devices are in /dev; where made, a tmpfs with lower/ (the image), dev/ and
 * proc/.
 */
struct host {
	int dir;
	int proc; /* a procfs, checked (O_PATH) */
	bool made;
};

/*
 * Look at the host, before any namespace.  Where /proc or /dev/null is missing and the caller is
 * root, the caller gets a mount namespace of its own with both; the host's stays as it is. Returns
 * 0, or -1 with e.  h->proc is the caller's to close; rootfs_fd is borrowed.
 */
int host_open(struct host *h, int rootfs_fd, struct err *e);

/*
 * In the new mount namespace, with h->dir as working directory: descriptors (O_PATH) of the image
 * and of the directory of device nodes, to be closed by the caller; -1 with errno.
 */
int host_open_image(const struct host *h);
int host_open_dev(const struct host *h);

#endif
