/*
 * defaults: what a sandbox gets without options: Docker's Linux environment (moby, 2026-08).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

/* A mount of every sandbox; attr as in struct plan_mount. */
struct defaults_mount {
	const char *dst;
	uint64_t attr;
	const char *data;
	enum mount_kind kind;
	bool optional;
};

/* A symbolic link in /dev. */
struct defaults_link {
	const char *name, *target;
};

extern const struct defaults_mount defaults_mounts[]; /* in the order of the mounting */
extern const size_t defaults_n_mounts;
extern const char *const defaults_devices[];  /* in /dev, mode 0666; NULL-terminated */
extern const char *const defaults_dev_dirs[]; /* in /dev, to mount onto; NULL-terminated */
extern const struct defaults_link defaults_dev_links[]; /* in /dev; name NULL ends it */
extern const char
	*const defaults_masked_paths[]; /* NULL-terminated; a component may hold one '*' */
extern const char *const defaults_read_only_paths[]; /* NULL-terminated */
extern const char
	*const defaults_proc_targets[]; /* what a volume may cover below /proc; NULL-terminated */

/* Docker's 14 capabilities, a bit per CAP_*. */
uint64_t defaults_caps(void);
