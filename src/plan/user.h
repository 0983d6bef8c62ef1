/*
 * user: who an image's User or --user means, by the image's own passwd and group.
 */
#ifndef PLAN_USER_H
#define PLAN_USER_H

#include <stdint.h>

#include "util/arena.h"
#include "util/err.h"

struct user {
	uint32_t uid, gid;
	const char *home; /* from passwd; "/root" for an unlisted root, "/" for any other unlisted
			     number */
};

/*
 * Resolve text: "", NAME, UID, and either with :GROUP or :GID.  passwd and group are contents, NULL
 * where the image has none; home lands in a.  A number needs no entry; a name that has none, and a
 * number over 4294967294, fail.
 */
int user_resolve(const char *text, const char *passwd, const char *group, struct arena *a,
	struct user *ret, struct err *e);

#endif
