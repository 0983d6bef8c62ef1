/*
 * ranges: the caller's subordinate ids, and what belongs to them on disk.
 */
#ifndef LAUNCH_SUBIDS_H
#define LAUNCH_SUBIDS_H

#include "plan/options.h"
#include "plan/plan.h"
#include "store/stored_image.h"

/* Who the caller is by name, for *h, and what /etc/subuid and /etc/subgid give; strings into a. */
void subids_gather(struct host_facts *h, struct arena *a);

/* The caller's own id and all of the ranges, for as_subids_run; in a.  Returns 0, or -1 with e where
 * there are no ranges. */
int subids_maps(struct id_maps *ret, struct arena *a, struct err *e);

/*
 * The path of what a run of i has as its root: rootfs/, or where the ids allow it the tree that
 * subids_tree makes.
 */
char *subids_tree_path(const struct stored_image *i, const struct run_options *o,
	const struct host_facts *h, struct arena *a);

/*
 * For a plan with such ids: let i->rootfs be the image's tree with the owners of its layers, which
 * is made the first time.  Returns 0, or -1 with e.
 */
int subids_tree(struct store *s, struct stored_image *i, const struct plan *p, struct err *e);

/* For store.strip: remove those trees from an image's folder.  Returns 0, or -1 with e. */
int subids_strip_image(int image, struct err *e);

/* For writable_remove: upper and work from its folder. */
int subids_strip_upper(int dir, struct err *e);

#endif
