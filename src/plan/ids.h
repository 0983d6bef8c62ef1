/*
 * ids: the user of the payload, and what the caller's ids become inside.
 */
#pragma once

#include "image/config.h"
#include "plan/options.h"
#include "plan/plan.h"
#include "util/err.h"

/*
 * Fill p->uid, p->gid, the maps, map_helpers and home from --user, --keep-id and --subuid.
 * *ret_home gets the default of HOME.  Returns 0, or -1 with e.
 */
int ids_plan(struct plan *p, const struct image_config *c, const struct run_options *o,
	const struct host_facts *h, const char **ret_home, struct err *e);

/* Can the user of the options be one?  Returns 0, or -1 with e. */
int ids_check_user(const struct run_options *o, struct err *e);

/* Fill p->emulate: with one mapped id, calls fail that programs depend on; with a range they work.  Returns
 * 0, or -1 with e. */
int ids_emulate(struct plan *p, const struct run_options *o, struct err *e);

/* Does one of n lines have this id inside? */
bool ids_have(const struct id_map *maps, size_t n, uint32_t id);
