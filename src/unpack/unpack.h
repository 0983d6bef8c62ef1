/*
 * unpack: layers, lowest first, become one tree below one directory.
 *
 * Each layer is staged on its own, in a folder beside the tree: its entries in the order of the
 * tar, its whiteouts and its hard links to lower layers set aside.  Then it is merged: links are
 * made, whiteouts remove what lower layers left, and what was staged is renamed into place.  So a
 * whiteout can never hide what its own layer adds, wherever it stands in the tar.  Modes and times
 * of directories are set at the very end.
 *
 * layer_job.h adds the layers.
 */
#pragma once

#include <sys/types.h>

#include "unpack/tables.h"
#include "unpack/work.h"

struct unpack {
	struct work work;
	struct tables tables; /* the tree's */
	unsigned begun;	      /* layers */
	mode_t umask;
};

/*
 * Begin below dir, an empty directory that only the caller uses: makes rootfs/ in it.  request may
 * be NULL.  Until unpack_done the process runs with a umask of 0.  Returns 0, or -1 with e;
 * unpack_done in both cases.
 */
int unpack_init(struct unpack *u, int dir, const struct unpack_request *request, struct err *e);

/*
 * All layers are in: sets modes and times of directories, writes the file `owners` into dir
 * (records "UID GID TYPE MAJOR MINOR PATH", each with a NUL behind; TYPE is '-', 'c' or 'b') where
 * an entry does not belong to root, and `contents` where the request asks for it, and removes what
 * whiteouts took away.  Returns 0, or -1 with e.
 */
int unpack_finish(struct unpack *u, struct err *e);

void unpack_done(struct unpack *u);
