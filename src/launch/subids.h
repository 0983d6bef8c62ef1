/*
 * subids: the caller's subordinate ids, and the files on disk that belong to them.
 */
#pragma once

#include "plan/options.h"
#include "plan/plan.h"
#include "store/stored_image.h"

/* Set the caller's names, and the ranges of /etc/subuid and /etc/subgid, in h.  Strings are in
 * a. */
void subids_gather(struct host_facts *h, struct arena *a);

/* The caller's own id and all ranges, for as_subids_run; in a.  Returns 0, or -1 with e if there
 * are no ranges. */
int subids_maps(struct id_maps *ret, struct arena *a, struct err *e);

/*
 * The path of the root of a run of i: rootfs/, or the tree of subids_tree if the options ask for
 * more ids.
 */
char *subids_tree_path(const struct stored_image *i, const struct run_options *o,
	const struct host_facts *h, struct arena *a);

/*
 * For a plan with such ids: open the image's tree with the owners from its layers as i->rootfs, and
 * make it the first time.  Returns 0, or -1 with e.
 */
int subids_tree(struct store *s, struct stored_image *i, const struct plan *p, struct err *e);

/* For store.strip: remove those trees from an image's folder.  Returns 0, or -1 with e. */
int subids_strip_image(int image, struct err *e);

/* For writable_remove: remove upper and work from its folder. */
int subids_strip_upper(int dir, struct err *e);
