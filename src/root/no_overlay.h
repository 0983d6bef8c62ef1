/*
 * no_overlay: the root where no overlay can be mounted (kernels before 5.11, no module).
 * A tmpfs that holds what the image's root directory holds, each entry bound read-only.  A
 * directory that a mount target has to be made in is not bound but made anew and filled in the same
 * way.
 */
#ifndef ROOT_NO_OVERLAY_H
#define ROOT_NO_OVERLAY_H

#include "plan/plan.h"
#include "util/err.h"

/*
 * Build it at staging/root from lower, the image's directory.  The root itself stays writable until
 * root_enter.  Unless the plan wants the root read-only, the usual
 * writable places (/tmp, /run, /var/log, the home and the like), where the image has them and holds
 * little there, become tmpfs with the same content.  Returns a descriptor of the root, or -1 with e.
 */
int no_overlay_make(int staging, const struct plan *p, int lower, struct err *e);

#endif
