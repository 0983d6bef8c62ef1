/*
 * idmap: who the caller is inside.
 *
 * devpts can be mounted only where uid 0 and gid 0 are mapped (the nodes in it begin as root's).  A
 * plan that maps the caller to another number gets two user namespaces: an outer one, where it is
 * root and all mounts are made, and an inner one for the payload with the plan's numbers.  A
 * payload without root's number thus has no rights over its own mount namespace either.
 */
#ifndef KERNEL_IDMAP_H
#define KERNEL_IDMAP_H

#include "plan/plan.h"
#include "util/err.h"

/*
 * proc is a descriptor of a procfs, see host.h.  In the user namespace that the caller has just
 * made: forbid setgroups(2) where the map is of one id, and write the maps.  Those with more than
 * the caller's own ids are newidmap.h's.  Returns 0, or -1 with e.
 */
int idmap_write(int proc, const struct plan *p, struct err *e);

/* In the payload: the inner user namespace, where the plan takes one.  Returns 0, or -1 with e. */
int idmap_enter(int proc, const struct plan *p, struct err *e);

/* For newidmap.c and memory.c: write a map to the file name of proc, as "PID/uid_map".  0, or -1
 * with e. */
int idmap_put_map(int proc, const char *name, const struct id_map *maps, size_t n, struct err *e);

/* What a gid map needs that the caller has no CAP_SETGID for, user_namespaces(7).  0, or -1 with e.
 */
int idmap_deny_groups(int proc, struct err *e);

#endif
