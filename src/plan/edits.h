/*
 * edits: what devices add to a plan: the containerEdits of CDI, from a specification or from sandbox's own
 * look at the host.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

/* All is in the caller's arena. */
struct plan_edits {
	struct strv env; /* NAME=VALUE: they replace what else says so */
	struct plan_mount *mounts;
	size_t n_mounts;
	struct plan_hooks create_container;
	uint32_t *gids; /* more groups of the process */
	size_t n_gids;
};

/* Is a --device a name, VENDOR/CLASS=NAME or @GROUP, and not a path?  launch/devices.c finds what it adds. */
bool edits_is_name(const char *device);

/* Add one.  A later mount at the same place replaces the earlier one. */
void edits_add_mount(struct plan_edits *ed, struct arena *a, struct plan_mount m);
void edits_add_hook(struct plan_edits *ed, struct arena *a, struct plan_hook h);
void edits_add_gid(struct plan_edits *ed, struct arena *a, uint32_t gid);
