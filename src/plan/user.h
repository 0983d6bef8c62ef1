/*
 * user: the user that an image's User or --user names, by the image's own passwd and group.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"
#include "util/err.h"

struct user {
	uint32_t uid, gid;
	const char *home; /* from passwd; "/root" for an unlisted root, "/" for any other unlisted
			     number */
};

/* Can text, as below, have a meaning in some image?  Returns 0, or -1 with e. */
int user_check(const char *what, const char *text, struct err *e);

/*
 * Resolve text: "", NAME, UID, and each with :GROUP or :GID.  passwd and group are contents, or NULL;
 * home is a's.  A number needs no entry, a name does.  A number above 4294967294 is an error.  what names
 * the text in messages.
 */
int user_resolve(const char *what, const char *text, const char *passwd, const char *group,
	struct arena *a, struct user *ret, struct err *e);

/* The id of a line of len bytes of passwd(5) or group(5).  Returns false if it has none. */
bool user_line_id(const char *line, size_t len, uint32_t *ret);
