/*
 * hooks: what the hooks of CDI specifications do to the new root, done by sandbox itself.
 */
#pragma once

#include "plan/plan.h"
#include "root/mount_parents.h"

/*
 * Do what the plan's hooks of the kind createContainer do, after all mounts.  All paths are resolved inside the
 * root, and nothing is written through a mount: an image's link could lead to a file of the host.  Returns 0,
 * or -1 with e.
 */
int hooks_run(const struct plan *p, int rootfd, struct err *e);

/* Note the image's directories in which the hooks make names.  Returns 0, or -1 with e. */
int hooks_find_parents(struct mount_parents *s, const struct plan *p, int image, struct err *e);
