/*
 * keep_id: passwd and group of an image with the caller in them.
 */
#pragma once

#include "plan/options.h"
#include "util/arena.h"

/* The caller's login name if passwd(5) can hold it, else "user"; in h or static. */
const char *keep_id_name(const struct host_facts *h);

/* The caller's home if passwd(5) can hold it, else "/"; in h or static. */
const char *keep_id_home(const struct host_facts *h);

/*
 * The image's passwd(5) text with the caller's entry: before the first with the same number, or at
 * the end, and the further lines of the options.  An entry with the same name and another number is left out.  Never fails.
 */
char *keep_id_passwd(struct arena *a, const struct run_options *o, const struct host_facts *h);

/* The same for group(5), with the caller's group. */
char *keep_id_group(struct arena *a, const struct host_facts *h);
