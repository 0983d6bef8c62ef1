/*
 * root: the new root file system, from the unpacked image to the pivot.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "plan/plan.h"
#include "plan/resources.h"
#include "root/host.h"
#include "util/err.h"

/*
 * fd and staging are descriptors of attached mounts.  staging is a tmpfs that holds lower/ (the
 * image), upper/ and work/ of the overlay, root/ (the new root), files/ (contents of the plan's files)
 * and empty/ (what masks directories).
 */
struct root {
	int fd; /* the new root */
	int staging;
	int dev;	    /* the host's device nodes */
	int null;	    /* /dev/null among them, checked */
	bool on_disk;	    /* upper/ and work/ are in disk/ instead, a directory of the host */
	bool host_ids;	    /* the plan's */
	bool own_user, own; /* the image belongs to the caller; also to the caller's group */
	bool is_host;	    /* the image is the host's root directory */
	bool bound;	    /* lower/ is the image: nothing of the host is mounted in it */
	mode_t mode;	    /* of the image's root directory */
	bool underlay; /* there is no overlay: the image is bound read-only, see no_overlay.h */
};

/*
 * Enter a new, private mount namespace and build the root there.  The image is never written to.
 * Returns 0, or -1 with e.  The descriptors live until the process execs or ends.
 */
int root_make(struct root *r, const struct plan *p, const struct run_resources *res,
	const struct host *h, struct err *e);

#define ROOT_CWD_MODE 0755 /* of a working directory that the image lacks, as in Docker */

/*
 * Make the root read-only if the plan says so or there is no overlay, leave the host's root for
 * good, and go to the plan's working directory, which is made if missing.  Returns 0, or -1 with e.
 */
int root_enter(struct root *r, const struct plan *p, struct err *e);
