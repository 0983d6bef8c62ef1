/*
 * keep id: passwd and group of an image with the caller in them.
 */
#ifndef PLAN_KEEP_ID_H
#define PLAN_KEEP_ID_H

#include "plan/options.h"
#include "util/arena.h"

/* The caller's login name where it can stand in passwd(5), else "user"; in h or static. */
const char *keep_id_name(const struct host_facts *h);

/* The caller's home where it can stand there, else "/"; in h or static. */
const char *keep_id_home(const struct host_facts *h);

/*
 * The image's passwd(5) text with the caller's entry: in front of the first that has the same
 * number, or at the end; an entry of the same name with another number gives way.  Never fails.
 */
char *keep_id_passwd(struct arena *a, const struct host_facts *h);

/* group(5) in the same way, with the caller's group. */
char *keep_id_group(struct arena *a, const struct host_facts *h);

#endif
