/*
 * idmap: who the caller is inside.
 *
 * The kernel mounts a devpts only where uid 0 and gid 0 are mapped (its nodes begin as root's).
 * Maps of the caller to another number need two user namespaces: an outer one, where the caller is
 * root and makes all mounts, and an inner one for the payload with the numbers of the maps.  A
 * payload without root's number thus has no rights over its own mount namespace either.
 */
#pragma once

#include "kernel/id_map.h"
#include "util/err.h"

/*
 * proc is a descriptor of a procfs.  In the user namespace that the caller has just made: forbid
 * setgroups(2) where the maps are of one id, and write them.  Maps with more than the caller's own
 * ids are newidmap.h's.  Returns 0, or -1 with e.
 */
int idmap_write(int proc, struct id_maps maps, struct err *e);

/* In the payload: the inner user namespace, where the maps need one.  Returns 0, or -1 with e. */
int idmap_enter(int proc, struct id_maps maps, struct err *e);

/* Write a map to the file name of proc, such as "PID/uid_map".  Returns 0, or -1 with e. */
int idmap_put_map(int proc, const char *name, const struct id_map *maps, size_t n, struct err *e);

/*
 * Deny setgroups(2), which the kernel demands before a gid map of a caller without CAP_SETGID,
 * user_namespaces(7).  Returns 0, or -1 with e.
 */
int idmap_deny_groups(int proc, struct err *e);
