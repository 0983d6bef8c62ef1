/*
 * unpack: makes one tree of layers, the lowest first, below one directory.
 *
 * Each layer is staged on its own, in a folder beside the tree: its entries in the order of the
 * tar, with its whiteouts and its hard links to lower layers set aside.  Then it is merged: links
 * are made, whiteouts remove what lower layers left, and what was staged is renamed into place.  So
 * a whiteout never hides what its own layer adds, wherever it is in the tar.  Modes and times of
 * directories are set at the very end.
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
	unsigned begun;	      /* number of layers */
	mode_t umask;
};

/*
 * Begin below dir, an empty directory that only the caller uses; makes rootfs/ in it.  request may
 * be NULL.  The umask of the process is 0 until unpack_done.  Returns 0, or -1 with e; unpack_done
 * in both cases.
 */
int unpack_init(struct unpack *u, int dir, const struct unpack_request *request, struct err *e);

/*
 * After the last layer: set modes and times of directories, write the file `owners` into dir if an
 * entry does not belong to root, write `contents` if the request asks for it, and remove what
 * whiteouts took away.  A record of `owners` is "UID GID TYPE MAJOR MINOR PATH", ended by a NUL;
 * TYPE is '-', 'c' or 'b'.  Returns 0, or -1 with e.
 */
int unpack_finish(struct unpack *u, struct err *e);

void unpack_done(struct unpack *u);
