/*
 * id_map: which ids of a user namespace stand for which ids outside of it, user_namespaces(7).
 * Plain data, so that plan/ may use it as well.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* One line of uid_map or gid_map. */
struct id_map {
	uint32_t inside, outside, count;
};

/* Both files of one user namespace; borrows the lines. */
struct id_maps {
	const struct id_map *uid, *gid;
	size_t n_uid, n_gid;
};
