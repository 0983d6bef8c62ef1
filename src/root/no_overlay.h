/*
 * no_overlay: the root where the kernel mounts no overlay (before 5.11, no module).
 * A tmpfs has an entry for each entry of the image's root directory, bound read-only.  A directory
 * in which a mount target has to be made is not bound, but made and filled in the same way.
 */
#pragma once

#include "plan/plan.h"
#include "util/err.h"

/*
 * Build it at staging/root from lower, the image's directory.  The root itself stays writable until
 * root_enter.  Unless the plan has a read-only root, directories in which programs usually write
 * (/tmp, /run, /var/log, the home and the like) become tmpfs with the same content, if the image
 * has them and they hold little.  Returns a descriptor of the root, or -1 with e.
 */
int no_overlay_make(int staging, const struct plan *p, int lower, struct err *e);
