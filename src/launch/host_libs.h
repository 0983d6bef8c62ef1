/*
 * host_libs: libraries of the host that come before the image's, such as the host's MPI.
 *
 * Each is bound into one folder, with the libraries of the host that it needs, and LD_LIBRARY_PATH of the
 * command begins with that folder: the loader looks there before the image's cache and before the folders
 * that a program names itself (DT_RUNPATH); a cache of our own would come after both, and after an
 * LD_LIBRARY_PATH of the image.  The C library stays the image's, as the loader is; so it must not be older
 * than what the host's libraries need.
 */
#pragma once

#include "image/config.h"
#include "plan/options.h"
#include "util/arena.h"
#include "util/err.h"

#define HOST_LIBS_DIR "/run/sandbox/lib"

/*
 * Add to the options of a run what --host-library asks for: volumes and LD_LIBRARY_PATH.  rootfs is the
 * image's root.  Strings are a's.  Returns 0, or -1 with e: a library is not there, needs one that is not, is
 * for another processor, or needs a newer glibc than the image has.
 */
int host_libs_add(struct run_options *o, const struct image_config *c, int rootfs, struct arena *a,
	struct err *e);
